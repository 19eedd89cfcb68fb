"""Word files: what stands in them as a reader sees it, in order; and the facts of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kepudraft.errors import FactError
from kepudraft.facts.archive import check_zip
from kepudraft.facts.lines import gather
from kepudraft.facts.material import Material, tidy
from kepudraft.facts.rows import Row, from_rows

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = ("smartTag", "sdt", "sdtContent", "customXml", "fldSimple")
_MAX_COLUMNS = 60
_HEADING_STYLE = re.compile(r"^(?:heading|标题|title)", re.I)


def read_docx(path: Path, file: str) -> Material:
    """Paragraphs and tables of a Word file, in their order.

    Raises:
        FactError: As `open_blocks`, or a table or line cannot be used.
    """
    from docx.table import Table

    made, paragraphs, n_table = Material(file, ()), list[tuple[str, str]](), 0
    for n, block in enumerate(open_blocks(path, file), 1):
        if not isinstance(block, Table):
            mark = "# " if _HEADING_STYLE.match(_style(block)) else ""
            paragraphs += [(f"第{n}段", mark + line) for line in tidy(block.text).splitlines()]
            continue
        n_table += 1
        made = made.joined(gather(paragraphs, file)).joined(from_rows(_table_rows(block, f"表{n_table}"), file))
        paragraphs = []
    return made.joined(gather(paragraphs, file))


def open_blocks(path: Path, file: str) -> list[Any]:
    """Paragraphs and tables (python-docx) of a Word file, with the text of smart tags and content controls in its place.

    Raises:
        FactError: As `open_document`.
    """
    document = open_document(path, file)
    with damage_told(file):
        _unwrap(document.element.body)
        return list(document.iter_inner_content())


def open_document(path: Path, file: str) -> Any:  # noqa: ANN401 - python-docx is untyped
    """A Word file (python-docx) as it stands.

    Raises:
        FactError: Damaged, encrypted or a zip bomb; tracked changes, of which nobody knows whether they hold; a text box.
    """
    from docx import Document

    check_zip(path, file)
    with damage_told(file):
        document = Document(str(path))
        _refuse_doubtful(document.element.body, file)
        return document


@contextmanager
def damage_told(file: str) -> Iterator[None]:
    """Turn whatever python-docx, zipfile and lxml raise on a damaged file into one sentence.

    Raises:
        FactError: It was raised within, or something else was.
    """
    try:
        yield
    except FactError:
        raise
    except Exception as error:
        raise FactError("打不开这个 Word 文件", place=file, remedy="请用 Word 打开后另存为 .docx") from error


def _refuse_doubtful(body: Any, file: str) -> None:  # noqa: ANN401 - lxml is untyped
    if next(body.iter(f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo"), None) is not None:
        raise FactError("有未处理的修订痕迹", place=file, remedy="请在 Word 里接受或拒绝全部修订后保存")
    for box in body.iter(f"{_W}txbxContent"):
        if text := "".join(t.text or "" for t in box.iter(f"{_W}t")).strip():
            raise FactError(f"文本框里的文字读不到（{text[:20]}）", place=file, remedy="请把文本框里的文字移到正文")


def _unwrap(body: Any) -> None:  # noqa: ANN401
    """Lift the text of smart tags (Word marks dates and measures with them) and content controls to where it shows."""
    for name in _WRAPPERS:
        for wrapper in list(body.iter(_W + name)):
            parent = wrapper.getparent()
            if parent is None:
                continue
            at = parent.index(wrapper)
            kept = [c for c in wrapper if c.tag not in (f"{_W}smartTagPr", f"{_W}sdtPr", f"{_W}sdtEndPr", f"{_W}customXmlPr")]
            parent.remove(wrapper)
            for offset, child in enumerate(kept):
                parent.insert(at + offset, child)


def _style(paragraph: Any) -> str:  # noqa: ANN401
    style = paragraph.style
    return str(style.name or "") if style is not None else ""


def _table_rows(table: Any, name: str) -> Iterator[Row]:  # noqa: ANN401
    above: list[Any] = []
    for n, row in enumerate(table.rows, 1):
        found = [cell._tc for cell in row.cells[:_MAX_COLUMNS]]
        place = f"{name}第{n}行"
        places = tuple(f"{place}第{i}格" for i in range(1, len(found) + 1))
        # A cell merged across columns is listed once a column: its text stands in the first.
        texts = tuple(
            "" if i and tc is found[i - 1] else "\n".join(line.strip() for line in tidy(cell.text).splitlines() if line.strip())
            for i, (tc, cell) in enumerate(zip(found, row.cells, strict=False))
        )
        spread = {i: f"{place}第{i + 1}格" for i, tc in enumerate(found) if i < len(above) and tc is above[i]}
        yield Row(place, texts, places, spread=spread)
        above = found
