"""The Word file, read back: GB/T 9704-2012, nothing left of a template, the text unchanged."""

from __future__ import annotations

import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from kepudraft.export import docx, lines, records, trace

_SLOTS = ("ascii", "hAnsi", "eastAsia", "cs")
_FACES = {
    "公文标题": ("方正小标宋简体", 22),
    "正文公文": ("仿宋", 16),
    "一级标题": ("黑体", 16),
    "二级标题": ("楷体", 16),
    "三级标题": ("仿宋", 16),
    "四级标题": ("仿宋", 16),
    "落款": ("仿宋", 16),
    "页码单页": ("宋体", 14),
    "页码双页": ("宋体", 14),
}


def _read(draft):
    return Document(io.BytesIO(docx.render(draft)))


def _parts(draft):
    with zipfile.ZipFile(io.BytesIO(docx.render(draft))) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_read_back_the_text_is_the_drafts(sample):
    texts = [p.text for p in _read(sample).paragraphs]
    assert "\n".join(texts[:-2]) == sample.text
    assert texts[-2:] == ["江州市科技馆", "2026年1月6日"]


def test_the_page_is_that_of_the_standard(sample):
    (section,) = _read(sample).sections
    page = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert page == pytest.approx((Mm(210), Mm(297), Mm(37), Mm(28)), abs=Mm(0.05))
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert (width, height) == pytest.approx((Mm(156), Mm(225)), abs=Mm(0.05))


def test_the_grid_holds_22_lines_of_28_characters(sample):
    (section,) = _read(sample).sections
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    height = (section.page_height - section.top_margin - section.bottom_margin) / Pt(1)
    assert int(height / pitch) == 22
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    width = (section.page_width - section.left_margin - section.right_margin) / Pt(1)
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert int(width / character) == 28


def test_body_lines_hold_28_characters_without_the_grid_too(sample):
    styles = _read(sample).styles
    spacing = styles["正文公文"].element.find(f".//{qn('w:rPr')}/{qn('w:spacing')}")
    assert int(442.25 / (16 + int(spacing.get(qn("w:val"))) / 20)) == 28
    assert styles["Normal"].paragraph_format.line_spacing == pytest.approx(Pt(28.95))


@pytest.mark.parametrize("name", _FACES)
def test_every_style_sets_all_four_slots_and_the_size(sample, name):
    style = _read(sample).styles[name]
    fonts = style.element.find(f".//{qn('w:rFonts')}")
    assert {fonts.get(qn(f"w:{slot}")) for slot in _SLOTS} == {_FACES[name][0]}
    assert style.font.size == Pt(_FACES[name][1])


def test_no_theme_font_and_no_template_remain(sample):
    parts = _parts(sample)
    everything = "".join(parts.values())
    assert not re.search(r"Theme=|theme|python-docx|Calibri|Cambria|Times", everything.replace("themeFontLang", ""))
    assert sorted(parts) == sorted([*docx._PARTS, trace.TRACE_PART])


def test_runs_carry_no_formatting_of_their_own(sample):
    own = [list(run._r.rPr) for p in _read(sample).paragraphs for run in p.runs if run._r.rPr is not None]
    assert {child.tag for children in own for child in children} <= {qn("w:rStyle")}


def test_paragraphs_carry_the_named_styles(sample):
    names = [p.style.name for p in _read(sample).paragraphs]
    assert names == [
        "公文标题", "正文公文", "一级标题", "二级标题", "正文公文", "正文公文", "二级标题", "正文公文",
        "一级标题", "正文公文", "正文公文", "落款", "落款",
    ]  # fmt: skip


def test_headings_have_outline_levels(sample):
    styles = _read(sample).styles
    levels = [styles[f"{n}级标题"].element.find(f".//{qn('w:outlineLvl')}").get(qn("w:val")) for n in "一二三四"]
    assert levels == ["0", "1", "2", "3"]


def test_body_is_indented_by_two_characters(sample):
    indent = _read(sample).styles["正文公文"].element.find(f".//{qn('w:ind')}")
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages(sample):
    document = _read(sample)
    (section,) = document.sections
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert paragraph._p.find(qn("w:fldSimple")).get(qn("w:instr")) == " PAGE "
        assert paragraph.text.startswith("— ")
        assert paragraph.text.endswith(" —")
        style = paragraph.style.element
        assert style.find(f".//{qn('w:jc')}").get(qn("w:val")) == side
        assert style.find(f".//{qn('w:ind')}").get(qn(f"w:{side}Chars")) == "100"


def test_gaps_are_highlighted_by_a_style(sample):
    document = _read(sample)
    marked = [run for p in document.paragraphs for run in p.runs if run.style.name == "待补充"]
    assert [run.text for run in marked] == ["【待补充：临时展览的名称和数量】"]
    assert document.styles["待补充"].font.highlight_color == WD_COLOR_INDEX.YELLOW


def _right_indents(document):
    return [int(p._p.pPr.ind.get(qn("w:rightChars"))) / 100 for p in document.paragraphs[-2:]]


def test_the_date_ends_four_characters_from_the_edge_under_the_middle_of_the_name(sample):
    unit, date = _right_indents(_read(sample))
    assert date == 4
    assert unit + 6 / 2 == date + 6 / 2


def test_a_long_name_moves_the_date_but_stays_centred_on_it(draft_of):
    unit, date = _right_indents(_read(draft_of("甲", unit="江州市青山区阳光街道幸福里社区居民委员会")))
    assert unit == 0
    assert date + 6 / 2 == 20 / 2


def test_a_name_longer_than_the_line_does_no_harm(draft_of):
    assert _right_indents(_read(draft_of("甲", unit="甲" * 40))) == [0, 4]


def test_a_long_title_is_broken_inside_one_paragraph(draft_of):
    title = "江州市青山区科学技术协会2025年度科普工作总结"
    first = _read(draft_of("甲", title=title, unit="江州市青山区科学技术协会")).paragraphs[0]
    assert first.text.split("\n") == ["江州市青山区科学技术协会", "2025年度科普工作总结"]
    assert first.style.name == "公文标题"


def test_only_a_short_last_paragraph_is_bound_to_the_signature(draft_of):
    assert _read(draft_of("短。")).paragraphs[-3].paragraph_format.keep_with_next
    assert not _read(draft_of("长" * 300)).paragraphs[-3].paragraph_format.keep_with_next


def test_properties_name_the_unit_and_the_record(sample):
    properties = _read(sample).core_properties
    assert (properties.title, properties.author, properties.language) == (sample.title, "江州市科技馆", "zh-CN")
    assert properties.identifier == "sha256:" + json.loads(records.render(sample))["sha256"]
    assert (properties.comments, properties.keywords, properties.category) == ("", "", "")


def test_a_missing_face_is_substituted_by_its_kin(sample):
    table = ElementTree.fromstring(_parts(sample)["word/fontTable.xml"])
    substitutes = {f.get(qn("w:name")): f[0].get(qn("w:val")) for f in table if f[0].tag == qn("w:altName")}
    assert set(substitutes) == {face for face, _ in _FACES.values()}
    assert substitutes["仿宋"] == "仿宋_GB2312"


def test_a_line_may_not_begin_with_what_follows_a_number(sample):
    settings = ElementTree.fromstring(_parts(sample)["word/settings.xml"])
    forbidden = settings.find(qn("w:noLineBreaksBefore")).get(qn("w:val"))
    assert set("万亿年月日人场次个元%，。") <= set(forbidden)
    assert len(set(forbidden)) == len(forbidden)
    # Word holds no more than 100 of them.
    assert len(forbidden) <= 100


def test_the_same_draft_gives_the_same_bytes(sample):
    assert docx.render(sample) == docx.render(sample)


@pytest.mark.parametrize(
    "typed",
    [
        "空\x00字\x08符", "半个\ud83d字", "<script>&amp;</script>", "]]>", "共\u202e21场", "  前后空格  ", "制\t表",
        "\ufffe", "\x0b", "生僻字𠮷",
    ],
)  # fmt: skip
def test_hostile_text_is_shown_and_breaks_nothing(draft_of, typed):
    document = _read(draft_of(typed, title=typed + "总结", unit=typed, heading=typed))
    shown = lines.printable(typed)
    assert [p.text for p in document.paragraphs[:4]] == [shown + "总结", "一、" + shown, shown, shown]
    assert document.core_properties.title == shown + "总结"


def test_a_title_of_any_length_is_kept(draft_of):
    document = _read(draft_of("甲", title="总结" * 300, unit="馆" * 300))
    assert document.paragraphs[0].text == "总结" * 300
    assert len(document.core_properties.title) == 255


def test_save_writes_the_file(sample, tmp_path):
    docx.save(sample, tmp_path / "总结 一.docx")
    assert (tmp_path / "总结 一.docx").read_bytes() == docx.render(sample)
