"""Ways to make fact files and to read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.read import Heading, read_facts, read_facts_from_bytes
from kepudraft.genre import UnitType

HEAD = "单位：江州市科技馆\n年度：2025\n"
MUSEUM = Heading("江州市科技馆", UnitType.MUSEUM, 2025)


@pytest.fixture
def read():
    """Facts of a text whose unit, type and year are known."""

    def reader(text, suffix=".txt", heading=MUSEUM):
        data = text if isinstance(text, bytes) else text.encode()
        return read_facts_from_bytes(data, file=f"事实{suffix}", suffix=suffix, heading=heading)

    return reader


@pytest.fixture
def refused(read):
    """The refusal of a text: place, sentence and remedy are all there."""

    def refusal(text, suffix=".txt", heading=MUSEUM):
        with pytest.raises(FactError) as caught:
            read(text, suffix, heading)
        assert_speaks(caught.value)
        return caught.value

    return refusal


@pytest.fixture
def refused_file():
    """The refusal of a file."""

    def refusal(path, heading=MUSEUM):
        with pytest.raises(FactError) as caught:
            read_facts(path, heading)
        assert_speaks(caught.value)
        return caught.value

    return refusal


@pytest.fixture
def book(tmp_path: Path):
    """Write an .xlsx of rows; `change` may edit the sheet before it is saved."""

    def writer(rows, change=None, title="2025", name="事实.xlsx"):
        from openpyxl import Workbook

        made = Workbook()
        sheet = made.active
        sheet.title = title
        for row in rows:
            sheet.append(row)
        if change:
            change(sheet)
        path = tmp_path / name
        made.save(path)
        return path

    return writer


def assert_speaks(error):
    """One Chinese sentence with place and remedy, and nothing of the program's own words."""
    said = str(error)
    assert error.place, said
    assert error.remedy, said
    assert "\n" not in said
    assert any("\u4e00" <= c <= "\u9fff" for c in error.what), said
    assert not any(word in said for word in ("Traceback", "Error", "expected", "None", "object at")), said
