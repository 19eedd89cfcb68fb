"""All formats walk the same lines: these must be the draft's text, no more and no less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.export.lines import DATE_MISSING, Kind, lines, printable, signature


def test_the_lines_are_the_text_of_the_draft(sample):
    assert "\n".join(line.text for line in lines(sample)) == sample.text


def test_every_piece_knows_its_place_in_the_text(sample):
    pieces = [piece for line in lines(sample) for piece in line.pieces]
    assert all(sample.text[p.start : p.start + len(p.text)] == p.text for p in pieces)


def test_a_line_knows_the_numbers_above_it(sample):
    assert [line.number for line in lines(sample) if "46场" in line.text] == ["一、（二）"]


def test_line_breaks_inside_a_fact_make_lines_and_keep_the_places(draft_of):
    draft = draft_of("甲\n乙", "", "丙", title="上\n下", heading="主\n要")
    shown = lines(draft)
    assert [line.text for line in shown] == ["上", "下", "一、主", "要", "甲", "乙", "", "丙"]
    assert all(draft.text[p.start :].startswith(p.text) for line in shown for p in line.pieces)


def test_a_section_with_an_empty_paragraph_keeps_it(sample):
    bare = replace(sample.sections[-1], passage=replace(sample.sections[-1].passage, paragraphs=((), ())))
    draft = replace(sample, sections=(bare,))
    assert "\n".join(line.text for line in lines(draft)) == draft.text


def test_gaps_are_set_apart_wherever_they_stand(draft_of):
    runs = lines(draft_of("开展【待补充：数量】场，参与【待补充】人。"))[-1].runs
    assert [(r.text, r.is_gap) for r in runs] == [
        ("开展", False),
        ("【待补充：数量】", True),
        ("场，参与", False),
        ("【待补充】", True),
        ("人。", False),
    ]


def test_a_gap_said_in_other_words_is_a_gap_as_a_whole(sample):
    gap = replace(sample.sections[0].passage.sentences[0], text="此处待补。", gap="领导情况")
    section = replace(sample.sections[0], passage=replace(sample.sections[0].passage, paragraphs=((gap,),)))
    runs = lines(replace(sample, sections=(section,)))[-1].runs
    assert [(r.text, r.is_gap) for r in runs] == [("此处待补。", True)]


def test_the_date_has_no_leading_zeros(sample):
    assert [(line.kind, line.text) for line in signature(sample.sheet)] == [
        (Kind.UNIT, "江州市科技馆"),
        (Kind.DATE, "2026年1月6日"),
    ]


def test_a_missing_date_is_asked_for(draft_of):
    date = signature(draft_of("甲", date=None).sheet)[-1]
    assert date.text == DATE_MISSING
    assert [run.is_gap for run in date.runs] == [True]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("接待\x00观众", "接待\ufffd观众"),
        ("半个\ud83d字", "半个\ufffd字"),
        ("一\r二\u2028三\t四\x0b五", "一 二 三 四 五"),
        ("共\u202e21\u202c场", "共\ufffd21\ufffd场"),
        ("全角　空格“引号”①", "全角　空格“引号”①"),
        ("生僻字𠮷", "生僻字𠮷"),
    ],
)
def test_what_no_document_may_hold_is_replaced_and_nothing_else(text, shown):
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_replacing_never_moves_a_span(text):
    assert len(printable(text)) == len(text)
