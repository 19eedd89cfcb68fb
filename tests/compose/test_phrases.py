"""The composer's words: no figures, no claims, complained of with their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kepudraft.compose import phrases as module
from kepudraft.compose.phrases import number_mark, phrases, read_phrases
from kepudraft.errors import RuleError
from kepudraft.figures.scan import scan

SHIPPED = Path(module.__file__).with_name("phrases.toml")


def test_no_connecting_word_holds_a_figure():
    for group in phrases().texts.values():
        for text in group:
            assert not scan(re.sub(r"\{\w*\}", "", text)).figures, text


def test_no_connecting_word_claims_anything():
    claims = re.compile("领导|重视|显著|圆满|成功|扎实|有效|大力|积极|深入|切实|明显|良好|好评|取得")
    for group in phrases().texts.values():
        assert not [text for text in group if claims.search(text)]


def test_a_phrase_is_chosen_by_its_seed():
    picks = {phrases().pick("problems.lead", str(seed)) for seed in range(40)}
    assert picks == set(phrases().texts["problems.lead"])
    assert phrases().pick("plans.lead", "a") == phrases().pick("plans.lead", "a")


@pytest.mark.parametrize(
    ("higher", "lower"),
    [
        ("获省级比赛二等奖", "获市级比赛一等奖"),
        ("获评省级先进集体", "获省级比赛一等奖1个"),
        ("获省比赛一等奖", "获省比赛三等奖"),
        ("获评全国优秀单位", "获评省级全国科普月优秀组织单位"),
        ("获评区级先进", "社区获街道一等奖"),
    ],
)
def test_awards_rank_by_level_then_grade(higher: str, lower: str):
    assert phrases().rank_of_award(higher) < phrases().rank_of_award(lower)


@pytest.mark.parametrize(
    ("unit", "name"),
    [("江州市科技馆", "本馆"), ("江州市临溪街道", "本街道"), ("云岭县松坪镇", "本镇"), ("江州市望江路小学", "本校"), ("蓝天环保公司", "本单位")],
)
def test_a_unit_calls_itself_by_its_kind(unit: str, name: str):
    assert phrases().self_of(unit) == name


@pytest.mark.parametrize(("n", "mark"), [(1, "一是"), (10, "十是"), (11, "十一是"), (20, "二十是"), (23, "二十三是")])
def test_items_are_numbered_in_words(n: int, mark: str):
    assert number_mark(n) == mark


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('more = ["此外，", "另外，"]', 'more = ["还有3项，"]', "数字"),
        ('more = ["此外，", "另外，"]', "more = []", "空"),
        ("[awards]", "[prizes]", "awards"),
        ("[openers]", "[openers", "格式"),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, says: str):
    path = tmp_path / "phrases.toml"
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleError, match=says) as error:
        read_phrases(path)
    assert "phrases.toml" in str(error.value)
