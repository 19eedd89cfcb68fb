"""Facts that words tell, not figures."""

from __future__ import annotations

import pytest

from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.verify.figures import verify
from kepudraft.verify.worded import Said, told_in

FACT = {"F1": "与市图书馆合作开设科普阅读角，免费向居民开放"}


@pytest.mark.parametrize("text", [
    "一年来，我们同市图书馆一道合作开设了科普阅读角，向全体居民免费开放。",
    "科普阅读角由社区与市图书馆合作开设，对居民免费开放，深受欢迎。",
    "社區與市圖書館合作開設科普閱讀角，免費向居民開放。",
])
def test_a_fact_in_other_words_is_told(text):
    assert told_in(FACT, text) == {"F1"}


@pytest.mark.parametrize("text", [
    "与市图书馆合作举办讲座。科普阅读角尚未开设。",  # its clauses in two sentences: nobody says that they belong together
    "向居民免费开放科普馆。",
    "",
    "。。。\n\n",
])
def test_half_of_a_fact_is_not(text):
    assert told_in(FACT, text) == frozenset()


@pytest.mark.parametrize(("fact", "sentence", "lost"), [
    ("研学课程18门", "学习课程18门。", "研学"), ("馆校结合学校28所", "校园结合学校28所。", "馆校结合"), ("全县活动64项", "活动64项。", "全县"),
    ("参训412人次", "412人次参加培训。", ""), ("听众9800人次", "听讲9800人次。", ""), ("讲座24场", "讲座24场。", ""),
])
def test_a_known_word_is_said_by_itself_by_another_or_by_its_characters(fact: str, sentence: str, lost: str):
    assert Said.of(sentence).lacks(fact) == lost


def test_a_report_counts_a_reworded_fact_as_used_and_a_dropped_one_as_not():
    sheet = read_facts_from_bytes("单位：梧桐里社区\n年度：2025\n讲座24场\n与市图书馆合作开设科普阅读角，免费向居民开放\n".encode())
    assert verify("全年讲座24场，并同市图书馆合作开设了科普阅读角，对居民免费开放。", sheet).unused == ()
    assert verify("全年讲座24场。", sheet).unused == ("F2",)
