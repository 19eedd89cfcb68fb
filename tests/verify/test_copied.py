"""Figures in a fact's own words are told without weighing words, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import scan
from kepudraft.pipeline import Drafter
from kepudraft.verify.claims import claims_of
from kepudraft.verify.copied import Copied, Copies
from kepudraft.verify.figures import verify
from kepudraft.verify.report import FAITHFUL

_SHEETS = sorted(p for p in (Path(__file__).parents[2] / "eval" / "cases" / "facts").iterdir() if p.name[:2].isdigit())


def _sheet(*facts: str) -> FactSheet:
    return read_facts_from_bytes("\n".join(["单位：甲市科技馆", "年度：2025", *facts]).encode(), suffix=".txt")


def _copied(sheet: FactSheet, text: str) -> list[str]:
    """The surfaces of the figures that are held for copied."""
    copies, folded = claims_of(sheet).copies, fold(text)
    found: Copied | None = None
    copied = []
    for figure in scan(text).figures:
        if found := copies.find(folded, figure, found):
            copied.append(figure.surface)
    return copied


@pytest.mark.parametrize(
    ("fact", "text", "copied"),
    [
        # A sentence that opens as the fact does, a verb before it or none.
        ("讲座46场，听众9800人次", "全年工作有序。举办讲座46场，听众9800人次。", ["46场", "9800人次"]),
        ("讲座46场，听众9800人次", "讲座46场，听众9800人次。", ["46场", "9800人次"]),
        # The figure behind, by what stands between the two.
        ("发资料3200份，咨询380人次", "发放资料3200份，接待咨询380人次。", ["3200份", "380人次"]),
        ("义诊12次460人次", "开展义诊12次，460人次参加。", ["12次", "460人次"]),
        # A date before what it dates.
        ("6月20日，县机器人竞赛，21所学校参赛", "6月20日，举办县机器人竞赛，21所学校参赛。", ["6月20日", "21所"]),
    ],
)  # fmt: skip
def test_a_figure_in_the_facts_own_words_is_copied(fact: str, text: str, copied: list[str]) -> None:
    assert _copied(_sheet(fact), text) == copied


def test_a_change_right_behind_what_changed_is_copied_and_so_is_what_follows_it() -> None:
    sheet = _sheet("科普活动286场次，公众11.8万人次（上年254场次、10.3万人次）")
    text = "开展科普活动286场次，较上年增长12.6%，公众11.8万人次，增长14.6%。"
    assert _copied(sheet, text) == ["286场次", "12.6%", "11.8万人次", "14.6%"]
    assert {f.verdict for f in verify(text, sheet).figures} <= FAITHFUL
    assert _copied(sheet, "开展科普活动286场次，较上年下降12.6%。") == ["286场次"]
    assert _copied(sheet, "开展科普活动286场次，公众11.8万人次，增长12.6%。") == ["286场次", "11.8万人次"]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (("发资料3200份",), "上年发放资料3200份。"),                     # a word that turns what it is said of
        (("发资料3200份",), "没有发放资料3200份。"),
        (("发资料3200份",), "线上发放资料3200份。"),                     # a word more
        (("理事会3次", "常务理事会5次"), "召开常务理事会3次。"),          # another's longer name
        (("讲座46场",), "听众46场。"),                                   # another noun
        (("讲座46场",), "举办讲座64场。"),                               # another value
        (("讲座46场，听众9800人次",), "展览，听众9800人次。"),            # the figure before it is missing
        (("3月，甲乡培训5期", "9月，甲乡培训5期"), "培训5期。"),          # two facts have it
        (("5月，科技活动周讲座4场", "5月，科技活动周开幕式2场"), "5月，科技活动周。"),
    ],
)  # fmt: skip
def test_anything_else_is_weighed(facts: tuple[str, ...], text: str) -> None:
    assert _copied(_sheet(*facts), text) == []


def test_what_follows_in_another_sentence_is_not_held_for_the_facts_next_figure() -> None:
    sheet = _sheet("讲座46场，听众9800人次", "巡展6站，听众1200人次")
    assert _copied(sheet, "举办讲座46场。巡展，听众9800人次。") == ["46场"]
    assert _copied(sheet, "举办讲座46场。听众9800人次。") == ["46场"]


@pytest.mark.parametrize("path", _SHEETS[::3], ids=lambda p: p.name[:2])
def test_copying_finds_what_weighing_finds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = read_facts(path)
    text = Drafter(seed=1).draft(sheet).text
    quick = verify(text, sheet)
    monkeypatch.setattr(Copies, "find", lambda *_: None)
    weighed = verify(text, sheet)
    told = [(f.verdict, f.fact_id) for f in quick.figures]
    others = [(q, w) for q, w in zip(told, [(f.verdict, f.fact_id) for f in weighed.figures], strict=True) if q != w]
    assert len(others) <= 1  # equal values of two facts may be told apart by the fact's own words alone
    assert all(verdict in FAITHFUL for (verdict, _), _ in others)
