"""The Word file as a word processor lays it out: pages, lines, page numbers. Only where LibreOffice is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from kepudraft.export import docx

_TOOLS = ("soffice", "pdftotext")
_MM = 72 / 25.4
# Four paragraphs of ten full lines; what a digit's width is depends on the face that stands in for 仿宋.
_LINES = "科" * (26 + 9 * 28)
_FIGURES = "全年举办讲座12场，参加3456人次，发放资料7.8万份，比上年增长9.0%。"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, _TOOLS)), reason="没有装LibreOffice和poppler，不能把Word文件排成页"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory, draft_of_paragraphs):
    """The words of each page with their boxes, in points from the upper left corner."""
    folder = tmp_path_factory.mktemp("render")
    docx.save(draft_of_paragraphs([_LINES] * 4 + [_FIGURES * 8, "【待补充：志愿者人数】"]), folder / "a.docx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, folder / "a.docx")
    _run("pdftotext", "-bbox", folder / "a.pdf", folder / "a.html")
    tree = ElementTree.fromstring((folder / "a.html").read_text(encoding="utf-8"))
    return [page for page in tree.iter() if page.tag.endswith("}page")]


def _run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=120)


def _words(page):
    found = [(w.text or "", *(float(w.get(k)) for k in ("xMin", "xMax", "yMin", "yMax"))) for w in page]
    return [w for w in found if w[3] < 260 * _MM], [w for w in found if w[3] >= 260 * _MM]


def _line_tops(page):
    return sorted({round(top) for _, _, _, top, _ in _words(page)[0]})


def test_the_pages_are_a4(pages):
    assert len(pages) == 3
    assert {(float(p.get("width")), float(p.get("height"))) for p in pages} == {(595.303937, 841.889764)}


def test_a_full_page_holds_22_lines(pages):
    assert len(_line_tops(pages[1])) == 22
    # The first page: title and an empty line, then 20.
    assert len(_line_tops(pages[0])) == 21


def test_a_full_line_holds_28_characters(pages):
    full = [w[0] for page in pages for w in _words(page)[0] if set(w[0]) == {"科"}]
    assert [len(line) for line in full] == ([26] + [28] * 9) * 4


def test_the_text_keeps_within_the_type_area(pages):
    for page in pages:
        words, _ = _words(page)
        assert min(w[1] for w in words) >= 28 * _MM - 1
        assert max(w[2] for w in words) <= (210 - 26) * _MM + 1
        assert min(w[3] for w in words) >= 37 * _MM - 1
        assert max(w[4] for w in words) <= (297 - 35) * _MM + 6


def test_numbers_are_not_broken(pages):
    text = " ".join(w[0] for page in pages for w in _words(page)[0])
    told = re.findall(r"\d+(?:\.\d+)?", text)
    assert set(told) == {"2025", "12", "3456", "7.8", "9.0", "2026", "1", "6"}


def test_page_numbers_change_sides(pages):
    for number, page in enumerate(pages, start=1):
        _, footer = _words(page)
        assert [w[0] for w in footer] == ["—", str(number), "—"]
        if number % 2:
            assert footer[-1][2] == pytest.approx((210 - 26) * _MM - 14, abs=3)
        else:
            assert footer[0][1] == pytest.approx(28 * _MM + 14, abs=3)


def test_the_date_ends_four_characters_from_the_edge(pages):
    words, _ = _words(pages[-1])
    assert max(w[2] for w in words[-4:]) == pytest.approx((210 - 26) * _MM - 4 * 15.8, abs=4)
