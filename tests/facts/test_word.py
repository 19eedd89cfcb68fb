"""Word files: paragraphs, tables, and text that Word hides from a plain reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from kepudraft.facts.read import read_facts
from tests.facts.conftest import MUSEUM


@pytest.fixture
def word(tmp_path: Path):
    def writer(fill):
        document = Document()
        fill(document)
        path = tmp_path / "事实.docx"
        document.save(path)
        return path

    return writer


def told(path: Path):
    return [(f.text, f.source.place) for f in read_facts(path, MUSEUM).facts]


def table(document, rows):
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            made.cell(r, c).text = text
    return made


def inline(document, xml):
    document.add_paragraph()._p.append(parse_xml(xml.replace("<w:", "<w:", 1).replace(">", f" {nsdecls('w')}>", 1)))


def test_paragraphs_tables_and_heading_styles_in_order(word):
    def fill(document):
        document.add_heading("江州市科技馆2025年科普总结", 0)
        document.add_paragraph("接待观众38.6万人次")
        table(document, [["指标", "数值", "单位"], ["夜场专题", "12", "场"]])
        document.add_heading("存在问题", 1)
        document.add_paragraph("展品待修12件")

    path = word(fill)
    assert told(path) == [("接待观众38.6万人次", "第2段"), ("夜场专题12场", "表1第2行"), ("展品待修12件", "第5段")]
    assert read_facts(path, MUSEUM).facts[2].status.value == "problem"


def test_remarks_of_paragraphs_are_kept(word):
    path = word(lambda d: [d.add_paragraph("联系人：某某"), d.add_paragraph("讲座46场")])
    assert any("联系人" in r for r in read_facts(path, MUSEUM).remarks)


def test_cells_merged_across_columns_do_not_shift_the_row(word):
    def fill(document):
        made = table(document, [["类别", "指标", "数值", "单位"], ["夜场专题", "", "12", "场"]])
        made.cell(1, 0).merge(made.cell(1, 1))
        made.cell(1, 0).text = "夜场专题"

    with pytest.raises(Exception, match="没有指标名"):
        told(word(fill))

    def title(document):
        made = table(document, [["江州市科技馆2025年统计表", "", ""], ["指标", "数值", "单位"], ["夜场专题", "12", "场"]])
        made.cell(0, 0).merge(made.cell(0, 2))

    assert told(word(title)) == [("夜场专题12场", "表1第3行")]


def test_a_value_merged_over_rows_is_refused(word, refused_file):
    def fill(document):
        made = table(document, [["指标", "数值", "单位"], ["夜场专题", "12", "场"], ["科学夜话", "", "场"]])
        made.cell(1, 1).merge(made.cell(2, 1))

    assert "合并" in refused_file(word(fill)).what


def test_a_form_with_pairs_in_a_row(word):
    path = word(lambda d: table(d, [["夜场专题", "12场", "科学夜话", "8场"]]))
    assert [t for t, _ in told(path)] == ["夜场专题12场", "科学夜话8场"]


@pytest.mark.parametrize(
    "wrapped",
    [
        '<w:smartTag w:uri="u" w:element="chmetcnv"><w:r><w:t>接待观众38.6万人次</w:t></w:r></w:smartTag>',
        "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>接待观众38.6万人次</w:t></w:r></w:sdtContent></w:sdt>",
        '<w:smartTag w:uri="u" w:element="a"><w:smartTag w:uri="u" w:element="b"><w:r><w:t>接待观众38.6万人次</w:t></w:r></w:smartTag></w:smartTag>',
        '<w:fldSimple w:instr="X"><w:r><w:t>接待观众38.6万人次</w:t></w:r></w:fldSimple>',
    ],
)
def test_text_inside_smart_tags_and_controls_is_read(word, wrapped: str):
    assert [t for t, _ in told(word(lambda d: inline(d, wrapped)))] == ["接待观众38.6万人次"]


@pytest.mark.parametrize("tag", ["ins", "del"])
def test_tracked_changes_are_refused(word, refused_file, tag: str):
    text = "delText" if tag == "del" else "t"
    xml = f'<w:{tag} w:id="1" w:author="a"><w:r><w:{text}>接待观众38.6万人次</w:{text}></w:r></w:{tag}>'
    assert "修订" in refused_file(word(lambda d: [d.add_paragraph("讲座46场"), inline(d, xml)])).what


def test_a_text_box_is_refused(word, refused_file):
    xml = "<w:txbxContent><w:p><w:r><w:t>接待观众38.6万人次</w:t></w:r></w:p></w:txbxContent>"
    assert "文本框" in refused_file(word(lambda d: [d.add_paragraph("讲座46场"), inline(d, xml)])).what


def test_an_empty_document(word, refused_file):
    assert "没有读到任何事实" in refused_file(word(lambda d: None)).what
