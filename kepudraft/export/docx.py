"""A draft as a Word file by GB/T 9704-2012.

Page, styles, faces and line-break rules are data: the XML files beside this module in gongwen/. Here only the draft's
lines are put in, each with its named style, so that a person changes the look of the whole in one place. python-docx's
own template is not used: it would leave its styles, theme and properties behind. The same draft gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from kepudraft.assemble import Draft
from kepudraft.export.atomic import write_all
from kepudraft.export.checklist import rows
from kepudraft.export.docx_table import append_checklist
from kepudraft.export.evidence import of_draft
from kepudraft.export.headline import break_title, width
from kepudraft.export.lines import Kind, Line, lines, printable, signature
from kepudraft.export.records import content_hash
from kepudraft.export.trace import TRACE_PART, Trace, trace_of, written

_PARTS = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_rels.xml",
    "word/document.xml": "document.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "fontTable.xml",
    "word/footer1.xml": "footer1.xml",
    "word/footer2.xml": "footer2.xml",
    "customXml/itemProps1.xml": "trace_properties.xml",
    "customXml/_rels/item1.xml.rels": "trace_rels.xml",
    "docProps/core.xml": "core.xml",
    "docProps/app.xml": "app.xml",
}
_STYLES = {Kind.TITLE: "公文标题", Kind.BODY: "正文公文", Kind.UNIT: "落款", Kind.DATE: "落款"}
_HEADING_STYLES = ("一级标题", "二级标题", "三级标题", "四级标题")
_GAP_STYLE = "待补充"

_LINE_TWIPS = 579
_CHARACTER_TWIPS = 314
_CHARACTERS_PER_LINE = 28
_LINES_BEFORE_SIGNATURE = 2
_DATE_FROM_EDGE = 4.0
_MAX_CARRIED_LINES = 8
# The longest text that a core property may hold.
_MAX_PROPERTY = 255
# Zip entries carry a time; the earliest that the format knows keeps the file free of the clock.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def save(draft: Draft, path: Path) -> None:
    """Write the draft as a Word file.

    Raises:
        ExportError: The file cannot be written there.
    """
    write_all({path: render(draft)})


def render(draft: Draft, *, with_table: bool = False) -> bytes:
    """The draft as the bytes of a .docx file; `with_table` appends the figure table (数据核对表)."""
    document = Document(io.BytesIO(_blank(trace_of(draft))))
    _set_properties(document, draft)
    for line in lines(draft):
        paragraph = _add(document, line)
        if line.kind is Kind.TITLE:
            _break_title(paragraph, line, draft.sheet.unit)
    _keep_with_next(document)
    _add_signature(document, signature(draft.sheet))
    if with_table:
        append_checklist(document, rows(of_draft(draft)))
    saved = io.BytesIO()
    document.save(saved)
    return _without_times(saved.getvalue())


def _blank(trace: Trace) -> bytes:
    """An empty document with the styles of the standard, and what lets an edited copy be compared."""
    folder = files("kepudraft.export") / "gongwen"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, file in _PARTS.items():
            package.writestr(name, (folder / file).read_bytes())
        package.writestr(TRACE_PART, written(trace))
    return packed.getvalue()


def _set_properties(document: WordDocument, draft: Draft) -> None:
    properties = document.core_properties
    properties.title = printable(draft.title).replace("\n", " ")[:_MAX_PROPERTY]
    properties.author = properties.last_modified_by = printable(draft.sheet.unit).replace("\n", " ")[:_MAX_PROPERTY]
    # The same hash stands in the JSON record: it says which record proves this file.
    properties.identifier = f"sha256:{content_hash(draft)}"


def _add(document: WordDocument, line: Line) -> Paragraph:
    deepest = len(_HEADING_STYLES)
    style = _HEADING_STYLES[min(line.level, deepest) - 1] if line.kind is Kind.HEADING else _STYLES[line.kind]
    paragraph = document.add_paragraph(style=style)
    for run in line.runs:
        paragraph.add_run(run.text, style=_GAP_STYLE if run.is_gap else None)
    return paragraph


def _break_title(paragraph: Paragraph, line: Line, unit: str) -> None:
    parts = break_title(printable(line.text), printable(unit))
    if len(parts) > 1 and len(line.runs) == 1:
        # python-docx writes \n as a line break inside the paragraph.
        paragraph.runs[0].text = "\n".join(parts)


def _keep_with_next(document: WordDocument) -> None:
    """Bind the last paragraph to the signature, which must not stand alone on a page.

    A long paragraph is left free: LibreOffice would carry it over as a whole and leave half a page white.
    """
    last = document.paragraphs[-1]
    if width(last.text) <= _MAX_CARRIED_LINES * _CHARACTERS_PER_LINE:
        last.paragraph_format.keep_with_next = True


def _add_signature(document: WordDocument, signed: tuple[Line, ...]) -> None:
    """Unit and date at the right, the unit's name centred on the date.

    The date ends four characters from the edge; a name too long to be centred there moves the date to the left.
    """
    widths = [width(line.text) for line in signed]
    centre = max(_DATE_FROM_EDGE + widths[-1] / 2, *(w / 2 for w in widths if w <= _CHARACTERS_PER_LINE))
    for line, wide in zip(signed, widths, strict=True):
        paragraph = _add(document, line)
        _indent_right(paragraph, max(0.0, centre - wide / 2))
        paragraph.paragraph_format.keep_with_next = line is not signed[-1]
    _space_before(document.paragraphs[-len(signed)])


def _indent_right(paragraph: Paragraph, characters: float) -> None:
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:rightChars"), str(round(characters * 100)))
    indent.set(qn("w:right"), str(round(characters * _CHARACTER_TWIPS)))


def _space_before(paragraph: Paragraph) -> None:
    spacing = paragraph._p.get_or_add_pPr().get_or_add_spacing()
    spacing.set(qn("w:beforeLines"), str(_LINES_BEFORE_SIGNATURE * 100))
    spacing.set(qn("w:before"), str(_LINES_BEFORE_SIGNATURE * _LINE_TWIPS))


def _without_times(packed: bytes) -> bytes:
    """The same package, compressed, with no time of writing in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(written, "w") as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return written.getvalue()
