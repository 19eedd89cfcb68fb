"""Text files -> material: prose, the Markdown and tabbed tables that stand in it, and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import groupby

from kepudraft.errors import FactError
from kepudraft.facts.lines import gather
from kepudraft.facts.material import Material
from kepudraft.facts.rows import Row, from_rows
from kepudraft.facts.vocabulary import vocabulary

_NEWLINE = re.compile("\r\n|\r|\n")
_RULED = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?\s*$")
_DELIMITERS = ",\t;，|"


def read_text(text: str, file: str) -> Material:
    """Take a text apart, a line an item; runs of lines with | or tabs between cells are tables."""
    made = Material(file, ())
    prose: list[tuple[str, str]] = []
    numbered = ((f"第{n}行", line) for n, line in enumerate(split_lines(text), 1))
    for delimiter, run in groupby(numbered, key=lambda pair: _table_delimiter(pair[1])):
        lines = list(run)
        # A single line with a tab is a line; headings above prose must reach the prose behind a table.
        if not delimiter or len(lines) < 2:
            prose += lines
            continue
        made = made.joined(gather(prose, file)).joined(from_rows(_cut(lines, delimiter), file))
        prose = []
    return made.joined(gather(prose, file))


def read_csv(text: str, file: str) -> Material:
    """Rows of a CSV or TSV text; the delimiter is the one that finds a heading, else the most frequent.

    Raises:
        FactError: A quotation mark stands alone, or `from_rows` refuses.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_csv_delimiter(text), strict=True)
    return from_rows(_csv_rows(reader, file), file)


def split_lines(text: str) -> list[str]:
    """Lines as an editor counts them."""
    return _NEWLINE.split(text)


def _csv_rows(reader: Iterator[list[str]], file: str) -> Iterator[Row]:
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FactError(f"第{line}行起读不通，引号不成对", place=file, remedy="请检查引号，或另存为 .xlsx") from error
        place = f"第{line}行"
        yield Row(place, tuple(c.strip() for c in cells), tuple(f"{place}第{i}列" for i in range(1, len(cells) + 1)))
        line = reader.line_num + 1  # type: ignore[attr-defined]  # a cell may hold line breaks


def _csv_delimiter(text: str) -> str:
    head = split_lines(text[:8000])[:20]
    for delimiter in _DELIMITERS:
        if any(sum(bool(vocabulary().column(c)) for c in line.split(delimiter)) >= 2 for line in head):
            return delimiter
    return max(_DELIMITERS, key=lambda d: sum(line.count(d) for line in head))


def _table_delimiter(line: str) -> str:
    """How the cells of a line are parted, "" for prose."""
    if line.lstrip().startswith("|") and line.count("|") >= 2:
        return "|"
    cells = [c for c in line.split("\t") if c.strip()]
    return "\t" if len(cells) >= 2 else ""


def _cut(lines: list[tuple[str, str]], delimiter: str) -> Iterator[Row]:
    for place, line in lines:
        if delimiter == "|" and _RULED.match(line):
            continue
        body = line.strip().strip("|") if delimiter == "|" else line
        cells = tuple(c.strip().replace("**", "") for c in body.split(delimiter))
        yield Row(place, cells, tuple(f"{place}第{i}格" for i in range(1, len(cells) + 1)))
