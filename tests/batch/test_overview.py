"""The page and the workbook of a batch hold whatever units call themselves, and nothing of it acts."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from openpyxl import load_workbook

from kepudraft.batch import BatchOptions, DraftOptions, run_batch
from tests.batch.conftest import line

HOSTILE = ['<script>alert(1)</script>社区', '"><img src=x onerror=alert(1)>社区', "=HYPERLINK(\"http://x\")社区", "a' onclick='x社区", "\u202e甲社区"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def _out(tmp_path: Path) -> Path:
    source = tmp_path / "units.jsonl"
    lines = [line(name, f"讲座{n + 3}场", "问题：<b>缺人</b>，只有2人") for n, name in enumerate(HOSTILE)]
    source.write_text("\n".join([*lines, "{<script>"]), encoding="utf-8")
    run_batch(source, tmp_path / "out", BatchOptions(draft=DraftOptions((".md",)), workers=0))
    return tmp_path / "out"


def test_nothing_a_unit_writes_acts_in_the_page(tmp_path: Path):
    out = _out(tmp_path)
    page = _Page()
    page.feed((out / "index.html").read_text("utf-8"))
    assert not {"script", "img", "b" if "<b>缺人" in (out / "index.html").read_text("utf-8") else "script"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [unquote(value or "") for name, value in page.attributes if name == "href"]
    assert len(links) == 1 + len(HOSTILE)
    assert all((out / link).is_file() for link in links)
    assert not [v for n, v in page.attributes if n in ("src", "href") and v and v.startswith(("http", "//", "javascript"))]


def test_nothing_a_unit_writes_is_a_formula_in_the_workbook(tmp_path: Path):
    sheet = load_workbook(_out(tmp_path) / "summary.xlsx").active
    assert sheet.max_row == 1 + len(HOSTILE) + 1
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    states = [row[4].value for row in sheet.iter_rows(min_row=2)]
    assert states[-1] == "失败"
