"""A sentence and the facts that it was given: all told, once, nothing else."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.verify.telling import Telling, faults, is_copied, trimmed

SHEET = with_derived(read_facts_from_bytes("""单位：梧桐里社区
年度：2025
讲座24场，听众1380人次
宣传栏6处，更换12期
垃圾分类科普入户1150户
图书室藏书3200册，看书借书1860人次
活动室每天开放，周一闭馆
""".encode()))


def telling(text: str, *ids: str, lead: str = "") -> Telling:
    return Telling(lead + text, lead, tuple(SHEET.fact(i) for i in ids), f"{SHEET.unit}")


def problems(text: str, *ids: str) -> str:
    return "；".join(faults([telling(text, *ids)], "", SHEET, ())[0])


@pytest.mark.parametrize(("text", "ids"), [
    ("全年举办讲座24场，听众达1380人次。", ("F1",)), ("现有宣传栏6处，共更换12期。", ("F2",)), ("开展垃圾分类科普，入户1150户。", ("F3",)),
    ("图书室藏书3200册，借阅1860人次。", ("F4",)), ("活动室每天开放，周一闭馆。", ("F5",)),
])
def test_a_faithful_sentence_has_no_fault(text: str, ids: tuple[str, ...]):
    assert problems(text, *ids) == ""


@pytest.mark.parametrize(("text", "ids", "told"), [
    ("全年举办讲座24场。", ("F1",), "漏了“1380人次”"), ("举办讲座24场，听众1380人次，更换12期。", ("F1",), "“12期”是别的事情的数字"),
    ("讲座24场，听众1380人次，共24场。", ("F1",), "写了2遍"), ("活动室每天开放。", ("F5",), "没有说清“周一闭馆”"),
    ("科普分类科普入户1150户。", ("F3",), "没有说清"), ("讲座24场，听众1380人次，以及。", ("F1",), "没有写完"),
    ("讲座24场（听众1380人次。", ("F1",), "没有写完"), ("讲座24场。听众1380人次。", ("F1",), "写成一句"),
    ("讲座{a}场，听众1380人次。", ("F1",), "留有记号"), ("听众众多的讲座24场，听众众多，1380人次。", ("F1",), "说了两遍"),
])
def test_what_is_wrong_is_said_in_words(text: str, ids: tuple[str, ...], told: str):
    assert told in problems(text, *ids)


def test_joint_words_do_not_look_unfinished():
    assert problems("讲座24场，1380人次听众参与。", "F1") == ""


def test_clauses_that_claim_are_cut_and_the_first_never():
    assert trimmed(telling("讲座24场，听众1380人次，取得良好的社会效益。", "F1")) == "讲座24场，听众1380人次。"
    assert trimmed(telling("取得良好的社会效益，讲座24场。", "F1")).startswith("取得")


def test_a_clause_that_tells_a_figure_again_is_cut():
    assert trimmed(telling("讲座24场，听众1380人次，全年共举办24场。", "F1")) == "讲座24场，听众1380人次。"


def test_notes_copied_are_known_whatever_their_marks():
    assert is_copied(telling("讲座24场、听众1380人次。", "F1"))
    assert is_copied(telling("讲座24场，听众1380人次；", "F1", lead="一是"))
    assert not is_copied(telling("举办讲座24场，听众1380人次。", "F1"))


def test_each_sentence_is_judged_by_its_own_facts():
    one, two = telling("讲座6场，听众1380人次。", "F1"), telling("宣传栏24处，更换12期。", "F2")
    first, second = faults([one, two], "", SHEET, ())
    assert any("6场" in p for p in first)
    assert any("24处" in p for p in second)
