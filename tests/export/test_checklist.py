"""The figure table: the same rows on the page and in Word, and a Word file whose summary is untouched by it."""

from __future__ import annotations

import io

from docx import Document
from docx.enum.section import WD_ORIENT

from kepudraft.export import docx
from kepudraft.export.checklist import HEADINGS, rows
from kepudraft.export.evidence import of_draft


def _read(data: bytes):
    return Document(io.BytesIO(data))


def test_a_row_tells_figure_sentence_source_formula_and_note(sample):
    found = rows(of_draft(sample))
    assert [r.figure for r in found] == [f.surface for f in sample.report.figures]
    first = found[2]
    assert first.sentence == "全年接待观众38.6万人次，其中未成年人21.2万人次，同比增长9.0%。"
    assert first.source == "F1 接待观众38.6万人次，其中未成年人21.2万人次（事实.txt 第1行）"
    assert first.note == "按闸机统计"
    derived = found[4]
    assert (derived.verdict, derived.formula) == ("算出", "(38.6-35.4)÷35.4=9.0%")
    assert derived.source == first.source  # a computed fact stands in no file: the one it comes from does


def test_word_gets_the_same_rows_across_a_page_of_their_own(sample):
    document = _read(docx.render(sample, with_table=True))
    (table,) = document.tables
    printed = [[cell.text for cell in row.cells] for row in table.rows]
    assert printed[0] == list(HEADINGS)
    assert printed[1:] == [list(r.cells) for r in rows(of_draft(sample))]
    upright, across = document.sections
    assert (upright.orientation, across.orientation) == (WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE)
    assert across.page_width > across.page_height


def test_without_being_asked_for_no_table_is_written(sample):
    assert not _read(docx.render(sample)).tables


def test_the_summary_is_the_same_with_and_without_the_table(sample):
    plain = [p.text for p in _read(docx.render(sample)).paragraphs]
    assert [p.text for p in _read(docx.render(sample, with_table=True)).paragraphs][: len(plain)] == plain
