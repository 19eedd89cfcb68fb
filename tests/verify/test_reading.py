"""A draft to be checked, from a file: what a reader sees, all of it, or a sentence that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from kepudraft.errors import DraftTextError
from kepudraft.verify.reading import read_text

TEXT = "江州市科技馆2025年科普工作总结\n接待观众38.6万人次。\n"


def refused(path: Path) -> DraftTextError:
    with pytest.raises(DraftTextError) as caught:
        read_text(path)
    assert caught.value.place
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding(tmp_path: Path, encoding: str):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read_text(path) == TEXT


def test_markdown_marks_are_taken_off(tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_text("# 总结\n\n> **接待**观众38.6万人次，\\*注\n\n## 一、活动\n", encoding="utf-8")
    assert read_text(path) == "总结\n\n接待观众38.6万人次，*注\n\n一、活动\n"
    plain = tmp_path / "a.txt"
    plain.write_text("# 号展厅", encoding="utf-8")
    assert read_text(plain) == "# 号展厅"


def test_word_paragraphs_tables_and_wrapped_text(tmp_path: Path):
    document = Document()
    document.add_paragraph("接待观众38.6万人次。")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "讲座46场"
    table.cell(1, 0).text, table.cell(1, 1).text = "展览", "6个"
    tag = f'<w:smartTag {nsdecls("w")} w:uri="u" w:element="e"><w:r><w:t>经费860万元</w:t></w:r></w:smartTag>'
    document.add_paragraph()._p.append(parse_xml(tag))
    document.save(tmp_path / "a.docx")
    assert read_text(tmp_path / "a.docx") == "接待观众38.6万人次。\n讲座46场\n展览　6个\n经费860万元"


def test_tracked_changes_are_refused(tmp_path: Path):
    document = Document()
    document.add_paragraph()._p.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="a"><w:r><w:t>8场</w:t></w:r></w:ins>'))
    document.save(tmp_path / "a.docx")
    assert "修订" in refused(tmp_path / "a.docx").what


@pytest.mark.parametrize("data", [b"", b"  \n", "\ufeff\n　".encode(), b"\xff\xfe"])
def test_nothing_in_it(tmp_path: Path, data: bytes):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert "空" in refused(path).what


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"\x00" * 99, b"PK\x03\x04abc"])
@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.doc", "a.pdf", "a"])
def test_no_text(tmp_path: Path, name: str, data: bytes):
    path = tmp_path / name
    path.write_bytes(data)
    refused(path)


def test_what_is_no_file(tmp_path: Path, monkeypatch):
    assert "找不到" in refused(tmp_path / "a.txt").what
    assert "文件夹" in refused(tmp_path).what
    assert "找不到" in refused(Path("a\x00b.txt")).what
    big = tmp_path / "big.txt"
    with big.open("wb") as made:
        made.truncate(200 * 1024 * 1024)
    assert "20兆字节" in refused(big).what
    closed = tmp_path / "closed.txt"
    closed.write_text(TEXT, encoding="utf-8")

    def deny(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    assert "权限" in refused(closed).remedy
