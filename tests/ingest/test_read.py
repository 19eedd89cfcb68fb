"""Files of any format and encoding come to the same text; hostile ones to one sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from kepudraft.errors import CorpusError
from kepudraft.figures.fold import traditional
from kepudraft.ingest.read import read_source
from tests.ingest.conftest import ONE


def text_of(path: Path) -> str:
    return "\n".join(line.text for line in read_source(path).lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "hz"])
def test_every_encoding_of_simplified_text_is_read(tmp_path: Path, encoding: str):
    path = tmp_path / "a.txt"
    path.write_bytes(ONE.encode(encoding))
    assert text_of(path).strip() == ONE.strip()


@pytest.mark.parametrize("encoding", ["utf-8", "big5hkscs", "gb18030", "utf-16"])
def test_every_encoding_of_traditional_text_is_read(tmp_path: Path, encoding: str):
    path, text = tmp_path / "a.txt", traditional(ONE)
    path.write_bytes(text.encode(encoding))
    assert text_of(path).strip() == text.strip()


def test_utf8_read_as_latin_is_restored_and_said(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(ONE.encode().decode("latin-1").encode())
    source = read_source(path)
    assert "青石县科协" in source.lines[0].text
    assert any("乱码" in remark for remark in source.remarks)


def test_a_word_file_keeps_headings_and_tables(tmp_path: Path):
    from docx import Document

    document = Document()
    document.add_heading("一、加强领导", level=1)
    document.add_paragraph("全县落实科普经费96万元。")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "讲座", "45场"
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx").split("\n") == ["# 一、加强领导", "全县落实科普经费96万元。", "讲座 45场"]


def test_a_page_gives_what_a_reader_sees(tmp_path: Path):
    path = tmp_path / "a.html"
    path.write_bytes(
        "<html><head><meta charset='gb2312'><title>甲</title><script>var a='<p>假</p>';</script></head><body>"
        "<div class='nav'><a href='/'>首页</a></div><div id='content'><p>一、真的<br>第二行&nbsp;&ldquo;引&rdquo;</p>"
        f"<p>{'正文' * 120}</p></div><div class='related'><a href='/b'>别的</a></div></body></html>".encode("gbk")
    )
    lines = [line.text for line in read_source(path).lines]
    assert lines[:2] == ["一、真的", "第二行 “引”"]
    assert not any(word in "".join(lines) for word in ("首页", "别的", "假", "var"))


def test_a_broken_page_never_fails(tmp_path: Path):
    path = tmp_path / "a.html"
    path.write_text("<p>甲<div><p>乙</span></div></b>" * 3000 + "<" * 500 + "<!--" + "正文" * 200, encoding="utf-8")
    assert read_source(path).lines


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.txt", b""),
        ("空白.txt", b"  \n\n "),
        ("二进制.txt", bytes(range(256)) * 40),
        ("假.docx", b"not a zip"),
        ("假.pdf", b"%PDF-1.7 nothing here"),
        ("图.png", b"\x89PNG\r\n\x1a\n" * 10),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 10),
    ],
)
def test_what_is_no_text_is_told_in_one_sentence(tmp_path: Path, name: str, content: bytes):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        read_source(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path):
    path = tmp_path / "弹.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", io.BytesIO(b"0" * 60_000_000).getvalue())
    with pytest.raises(CorpusError, match="超出正常大小"):
        read_source(path)


def test_a_huge_file_and_a_folder_are_refused(tmp_path: Path):
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    for place, says in ((path, "超过"), (tmp_path, "文件夹"), (tmp_path / "无.txt", "找不到")):
        with pytest.raises(CorpusError, match=says):
            read_source(place)


def test_pdf_text_is_read_page_by_page(tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(_pdf([["Science day 2022", "4 5 visitors"], ["Second page"]]))
    source = read_source(path)
    assert [(line.number, line.text) for line in source.lines if line.text] == [
        (10001, "Science day 2022"), (10002, "4 5 visitors"), (20001, "Second page"),
    ]  # fmt: skip


def _pdf(pages: list[list[str]]) -> bytes:
    """A small PDF with text; no library that writes one is installed."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = "".join(f"({line}) Tj 0 -20 Td " for line in lines)
        stream = f"BT /F1 12 Tf 50 700 Td {shown}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    made, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return made + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
