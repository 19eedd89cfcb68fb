"""Comments stand at the very place, and nothing else in the file is changed."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.figures.figure import Span
from kepudraft.returned.comments import Note, commented
from kepudraft.returned.notes import notes
from kepudraft.verify.review import review
from kepudraft.verify.word_text import read_placed
from tests.returned.conftest import edited, opened, through_libreoffice

_OWN = ("commentRangeStart", "commentRangeEnd", "commentReference")


def look(document) -> list[tuple[str, str]]:
    """Every character of the body with the XML of its run's properties, comments' own runs left out."""
    found = []
    for run in document.element.body.iter(qn("w:r")):
        if run.find(qn("w:commentReference")) is not None:
            continue
        properties = run.find(qn("w:rPr"))
        xml = "" if properties is None else properties.xml
        for child in run:
            if child.tag == qn("w:t"):
                found += [(character, xml) for character in child.text or ""]
            elif child.tag != qn("w:rPr"):
                found.append((child.tag, xml))
    return found


def anchored(document) -> list[tuple[str, str]]:
    """(commented text, comment) for every comment, in the order of the comments."""
    texts = {c.comment_id: c.text for c in document.comments}
    told, open_now = {i: "" for i in texts}, set()
    for element in document.element.body.iter():
        if element.tag == qn("w:commentRangeStart"):
            open_now.add(int(element.get(qn("w:id"))))
        elif element.tag == qn("w:commentRangeEnd"):
            open_now.discard(int(element.get(qn("w:id"))))
        elif element.tag == qn("w:t"):
            for number in open_now:
                told[number] += element.text or ""
    return [(told[i], texts[i]) for i in texts]


def checked(path, sheet) -> bytes:
    placed = read_placed(path)
    report = review(placed.text, sheet)
    return commented(placed, notes(placed.text, report, sheet, None))


def test_findings_stand_at_their_figures(exported, sheet):
    path = edited(exported, ("860万元", "680万元"), ("全国科普月", "全国科普日"))
    found = anchored(opened(checked(path, sheet)))
    assert next(note for place, note in found if place == "680万元").startswith("【没有依据】")
    assert "2025年起改为" in next(note for place, note in found if place == "全国科普日")
    assert found[0][1].startswith("共")


def test_not_a_character_changes_its_look(exported, sheet):
    path = edited(exported, ("860万元", "680万元"), ("全国科普月", "全国科普日"))
    assert look(opened(checked(path, sheet))) == look(Document(str(path)))


def test_every_other_part_stays_as_it_was(exported, sheet):
    path = edited(exported, ("860万元", "680万元"))
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(io.BytesIO(checked(path, sheet))) as after:
        for name in before.namelist():
            if name not in ("word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"):
                assert after.read(name) == before.read(name), name
        assert set(after.namelist()) - set(before.namelist()) == {"word/comments.xml"}


def test_the_commented_copy_is_judged_like_the_file(exported, sheet, tmp_path):
    path = edited(exported, ("860万元", "680万元"))
    copy = tmp_path / "批注.docx"
    copy.write_bytes(checked(path, sheet))
    assert read_placed(copy).text == read_placed(path).text


def test_libreoffice_keeps_the_comments(exported, sheet, tmp_path):
    copy = tmp_path / "批注.docx"
    copy.write_bytes(checked(edited(exported, ("860万元", "680万元")), sheet))
    before, after = anchored(Document(str(copy))), anchored(Document(str(through_libreoffice(copy))))
    assert sorted(place for place, _ in after) == sorted(place for place, _ in before)


def test_comments_of_the_person_stay(exported, sheet):
    document = Document(str(exported))
    document.add_comment(document.paragraphs[1].runs[0], text="请领导过目", author="小王", initials="王")
    path = exported.with_name("edited.docx")
    document.save(str(path))
    found = opened(checked(path, sheet))
    assert "请领导过目" in [c.text for c in found.comments]


@pytest.fixture(scope="module")
def motley(tmp_path_factory):
    """A file with everything that text may stand in: bold runs, a link, a smart tag, a content control, breaks, merged cells."""
    document = Document()
    paragraph = document.add_paragraph()
    for text, size in (("举办讲座", 10), ("46", 20), ("场，", 12)):
        run = paragraph.add_run(text)
        run.font.size, run.bold, run.font.color.rgb = Pt(size), size > 10, RGBColor(size, 0, 0)
    run = paragraph.add_run("听\t众")
    run.add_break()
    run.add_text("9800\u200b人次。")
    for wrapper in ("w:hyperlink", "w:smartTag"):
        element = OxmlElement(wrapper)
        element.append(paragraph.add_run(f"{wrapper[2:]}里的12件。")._r)
        paragraph._p.append(element)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(content)
    content.append(document.add_paragraph("控件里的一段7个。")._p)
    document.element.body.insert(1, control)
    table = document.add_table(3, 3)
    for n, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = f"格{n}\n第二行{n}次"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 2).merge(table.cell(2, 2))
    document.add_paragraph("末段。")
    path = tmp_path_factory.mktemp("motley") / "杂.docx"
    document.save(str(path))
    return path


def test_wherever_text_stands_it_is_read_as_word_shows_it(motley):
    from docx.table import Table

    from kepudraft.facts.material import tidy
    from kepudraft.facts.word import open_blocks

    expected: list[str] = []
    for block in open_blocks(motley, "x"):
        if not isinstance(block, Table):
            expected.append(tidy(block.text))
            continue
        seen: list[object] = []
        for row in block.rows:
            fresh = [c for c in row.cells if not any(c._tc is s for s in seen)]
            fresh = [c for n, c in enumerate(fresh) if not any(c._tc is d._tc for d in fresh[:n])]
            seen += [c._tc for c in fresh]
            expected.append("　".join(tidy(c.text) for c in fresh))
    assert read_placed(motley).text == "\n".join(expected)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_spans_are_marked_exactly_and_leave_the_look(motley, data):
    placed = read_placed(motley)
    size = len(placed.text)
    spans = data.draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(1, 12)), min_size=1, max_size=6))
    spans = [Span(start, min(size, start + length)) for start, length in spans]
    text, before = placed.text, look(Document(str(motley)))
    in_runs = [any(p.start < s.end and s.start < p.start + len(p.raw) for p in placed.pieces) for s in spans]
    found = opened(commented(placed, [Note(s, f"注{n}") for n, s in enumerate(spans)]))
    assert look(found) == before
    told = {note: place for place, note in anchored(found)}
    for n, span in enumerate(spans):
        if in_runs[n]:
            shown = text[span.start : span.end].translate({ord(c): None for c in "\n\t　"})  # in no w:t
            assert told[f"注{n}"].replace("\u200b", "") == shown
