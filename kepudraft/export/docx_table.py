"""The figure table at the end of a Word file: a section of its own, across, so that no line of the summary moves.

The paragraph over it bears the style `TITLE_STYLE`; whoever reads the file back knows by it where the summary ends, for
the style's name outlives every program that saves the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from kepudraft.export.checklist import HEADINGS, TITLE, Row
from kepudraft.export.lines import printable

TITLE_STYLE = "核对表题"
_TEXT_STYLE = "核对表文"
_SIGNED = "核对人（签字）：　　　　　　　　　　　　日期：　　　　年　　月　　日"

# Twips: the type area of 156 mm x 225 mm lying on its side.
_WIDTHS = (580, 1350, 3400, 860, 3000, 1500, 950, 1116)


def append_checklist(document: WordDocument, rows: Sequence[Row]) -> None:
    """Append the table behind the signature, on pages of its own."""
    _begin_section(document)
    document.add_paragraph(f"附：{TITLE}", style=TITLE_STYLE)
    style_id = document.styles[_TEXT_STYLE].style_id
    made = [_row(HEADINGS, style_id, is_head=True), *(_row(row.cells, style_id) for row in rows)]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(_WIDTHS)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(made)}</w:tbl>"
    )
    document.element.body.insert(len(document.element.body) - 1, table)  # before the properties of the last section
    document.add_paragraph(_SIGNED, style=_TEXT_STYLE).paragraph_format.space_before = 120_000


def _begin_section(document: WordDocument) -> None:
    """End the summary's section in its last paragraph, and lay what follows on its side."""
    body = document.element.body
    last = body.sectPr
    document.paragraphs[-1]._p.get_or_add_pPr().append(deepcopy(last))
    page, margins = last.find(qn("w:pgSz")), last.find(qn("w:pgMar"))
    page.set(qn("w:w"), "16838")
    page.set(qn("w:h"), "11906")
    page.set(qn("w:orient"), "landscape")
    for side, twips in (("top", 1587), ("bottom", 1474), ("left", 2098), ("right", 1984), ("footer", 907)):
        margins.set(qn(f"w:{side}"), str(twips))
    last.remove(last.find(qn("w:docGrid")))


def _row(cells: Sequence[str], style_id: str, *, is_head: bool = False) -> str:
    made = "".join(_cell(text, width, style_id) for text, width in zip(cells, _WIDTHS, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{made}</w:tr>"


def _cell(text: str, width: int, style_id: str) -> str:
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style_id}"/></w:pPr><w:r><w:t xml:space="preserve">{escape(printable(line))}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>'
