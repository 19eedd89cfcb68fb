"""What a sentence claims beyond its facts, and what it took from an exemplar."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.errors import RuleError
from kepudraft.verify.grounding import grounding_rules, ungrounded, without_praise
from kepudraft.verify.leak import LONGEST_RUN, leaks, places

KNOWN = "讲座24场，听众1380人次\n宣传栏6处，更换12期\n获区科普知识竞赛二等奖1个\n梧桐里社区"


@pytest.mark.parametrize("text", [
    "全年举办讲座24场，听众达1380人次。", "现有宣传栏6处，共更换12期。", "在区科普知识竞赛中获得二等奖1个。", "目前，梧桐里社区有宣传栏6处。",
])
def test_what_only_joins_the_facts_is_grounded(text: str):
    assert ungrounded(text, KNOWN) == ()


@pytest.mark.parametrize(("text", "kind"), [
    ("举办讲座24场，有效提升了居民科学素质。", "成效"), ("举办讲座24场，获市级表彰。", "荣誉"), ("召开专题会议，举办讲座24场。", "会议"),
    ("制定实施方案，举办讲座24场。", "文件"), ("邀请专家举办讲座24场。", "人物"), ("举办讲座24场，由张教授主讲。", "人物"),
    ("举办市级讲座24场。", "级别"), ("在《科普时报》刊发，举办讲座24场。", "名称"), ("举办“星空夜话”讲座24场。", "名称"),
    ("宣传栏6处，利用率不高。", "口径"), ("举办讲座24场，用于防灾减灾。", "用途"), ("志愿者举办讲座24场。", "对象"),
    ("举办讲座24场，带动乡村旅游。", "说法"), ("举办VR讲座24场。", "名称"), ("举办讲座24场，开展工作全面实施进行。", "说法"),
])
def test_what_no_fact_holds_is_found(text: str, kind: str):
    assert kind in {u.kind for u in ungrounded(text, KNOWN)}


def test_spans_index_into_the_text_and_figures_in_the_clause_are_known():
    text = "举办讲座24场，有效提升了素质。"
    (found,) = ungrounded(text, KNOWN)
    assert text[found.start : found.end] == "有效提升了素质"
    assert found.words == "提升"
    assert not found.has_figure


def test_praise_is_struck_out_unless_the_facts_say_it():
    assert without_praise("积极开展讲座24场", KNOWN) == "开展讲座24场"
    assert without_praise("积极开展讲座24场", "积极分子24人") == "积极开展讲座24场"
    assert without_praise("有效地开展精彩的讲座24场", KNOWN) == "开展讲座24场"
    assert without_praise("收到优秀作品12件", "优秀作品12件") == "收到优秀作品12件"


@given(st.text(alphabet="举办讲座场，。《》“”人次（）、24零\n", max_size=60), st.text(max_size=30))
def test_any_text_is_judged_within_its_bounds(text: str, known: str):
    for found in ungrounded(text, known):
        assert 0 <= found.start < found.end <= len(text)


def test_a_rule_file_that_breaks_its_form_is_told(tmp_path: Path):
    path = tmp_path / "grounding.toml"
    path.write_text('neutral = []\npraise = ["积极"]\nlevels = ["省"]\n[[claims]]\nkind = "荣誉"\nwords = ["奖"]\n', encoding="utf-8")
    with pytest.raises(RuleError, match=r"grounding\.toml"):
        grounding_rules(path)


EXEMPLAR = "居民围坐在老槐树下听天文老师讲星星的故事，“星空夜话”讲座〔数〕。"


def test_a_run_as_long_as_allowed_is_nobodys_and_one_more_is_copied():
    run = EXEMPLAR[: LONGEST_RUN]
    assert leaks(f"讲座24场，{run}。", [EXEMPLAR], KNOWN) == ()
    (copied,) = leaks(f"讲座24场，{EXEMPLAR[: LONGEST_RUN + 3]}。", [EXEMPLAR], KNOWN)
    assert copied == EXEMPLAR[: LONGEST_RUN + 3]


def test_masks_and_quoted_names_are_remains_and_what_the_facts_hold_is_not():
    assert leaks("讲座〔数〕", [EXEMPLAR], KNOWN) == ("〔数〕",)
    assert leaks("举办“星空夜话”24场", [EXEMPLAR], KNOWN) == ("星空夜话",)
    assert leaks("举办“星空夜话”24场", [EXEMPLAR], KNOWN + "“星空夜话”") == ()
    assert leaks(EXEMPLAR[:20], [EXEMPLAR], EXEMPLAR) == ()


def test_half_a_word_is_no_word():
    assert ungrounded("合并学校28所", "馆校结合学校28所")
    assert not ungrounded("并有结合学校28所", "馆校结合学校28所")


def test_a_comparison_that_no_fact_makes_is_told():
    assert ungrounded("素质比例13.8%，超过了调查结果", "素质比例13.8%，为调查结果")
    assert not ungrounded("听众超过9800人次", "听众9800余人次")


def test_who_won_a_prize_did_not_hold_the_contest():
    assert ungrounded("举办科普剧大赛，获一等奖1个", "省科普剧大赛一等奖1个")
    assert not ungrounded("举办科普剧大赛，评出一等奖3个", "科普剧大赛，评出一等奖3个")
    assert not ungrounded("举办科普剧大赛3场", "科普剧大赛3场")


def test_another_office_than_the_facts_is_told():
    assert ungrounded("校长分管科普", "馆长分管科普，教研部具体办")
    assert not ungrounded("馆长分管科普", "馆长分管科普，教研部具体办")


@pytest.mark.parametrize(("text", "named"), [
    ("澜川市科技馆开馆252天", "澜川市科技馆"), ("澜川市青少年科技馆开馆252天", ""), ("澜川市科协指导", ""), ("澜川市科学技术协会指导", ""),
    ("澜川市图书馆指导", "澜川市图书馆"), ("全市科技教师252人", ""),
])
def test_an_institution_of_a_place_must_be_the_facts_own(text: str, named: str):
    found = ungrounded(text, "澜川市青少年科技馆开馆252天，澜川市科协指导，图书馆，全市科技教师252人")
    assert [u.words for u in found if u.kind == "名称"] == ([named] if named else [])


def test_names_of_persons_are_remains():
    assert leaks("邀请程远山到场", ["邀请程远山教授主讲。"], KNOWN) == ("程远山",)
    assert leaks("邀请程远山到场", ["邀请程远山教授主讲。"], KNOWN + "程远山") == ()


def test_names_of_places_and_organisations_are_found():
    assert "松坪社区" in "".join(places("松坪社区2023年科普工作总结"))
    assert any("江州市" in name for name in places("江州市科技馆"))
