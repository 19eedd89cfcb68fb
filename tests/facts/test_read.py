"""Files as they lie on a disk: encodings, sizes, kinds, and what cannot be opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.material import MAX_BYTES, decode, tidy
from kepudraft.facts.read import FORMATS, Heading, read_facts, read_facts_from_bytes
from kepudraft.genre import UnitType
from tests.facts.conftest import HEAD, assert_speaks

TEXT = HEAD + "全年接待观众38.6万人次\n开放306天\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("gb18030"), "GB18030"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.replace("\n", "\r\n").encode("gb18030"), "GB18030"),
        (TEXT.replace("\n", "\r").encode(), ""),
    ],
)
def test_every_encoding_gives_the_same_facts(tmp_path: Path, data: bytes, said: str):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    sheet = read_facts(path)
    assert [(f.text, f.source.place) for f in sheet.facts] == [("全年接待观众38.6万人次", "第3行"), ("开放306天", "第4行")]
    assert (sheet.unit, sheet.year) == ("江州市科技馆", 2025)
    assert any(said in r for r in sheet.remarks) == bool(said) or not said


def test_utf16_without_mark_and_without_ascii_is_told_from_gb18030():
    text = "接待观众三十八万人次，开放三百零六天，举办讲座四十六场"
    assert decode(text.encode("utf-16-le"), "a") == (text, "utf-16")


def test_standard_input_finds_its_form():
    heading = Heading("江州市科技馆", UnitType.MUSEUM, 2025)
    for text in ("接待观众38.6万人次", "指标,数值,单位\n接待观众,38.6万,人次", '{"facts": ["接待观众38.6万人次"]}',
                 "facts:\n  - 接待观众38.6万人次\n", "- 接待观众38.6万人次"):
        sheet = read_facts_from_bytes(text.encode(), heading=heading)
        assert [f.text for f in sheet.facts] == ["接待观众38.6万人次"], text
        assert sheet.facts[0].source.file == "标准输入"


@pytest.mark.parametrize("blank", [b"", b"\n\n", "\ufeff\n　\n".encode(), b"\xff\xfe", b"\xff\xfe \x00\n\x00", "\u200b\xa0".encode()])
def test_nothing_but_blanks_is_said_to_be_so(tmp_path: Path, refused_file, blank: bytes):
    path = tmp_path / "空.txt"
    path.write_bytes(blank)
    assert "空" in refused_file(path).what


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, refused_file, monkeypatch):
    def fail(*_):
        raise AssertionError("read")

    for name in ("大.txt", "大.xlsx", "大.docx", "大.csv"):
        path = tmp_path / name
        with path.open("wb") as made:
            made.truncate(200 * 1024 * 1024)
        monkeypatch.setattr(Path, "read_bytes", fail)
        assert "209兆字节" in refused_file(path).what
    with pytest.raises(FactError) as caught:
        read_facts_from_bytes(b"1" * (MAX_BYTES + 1))
    assert_speaks(caught.value)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.pdf", "原文件"), ("a.xls", ".xlsx"), ("a.doc", ".docx"), ("a.et", "WPS"), ("a.exe", ".yaml"), ("a.mp4", ".csv")],
)
def test_unknown_kinds_say_what_to_do(tmp_path: Path, refused_file, name: str, remedy: str):
    path = tmp_path / name
    path.write_bytes(b"\x00\x01")
    assert remedy in refused_file(path).remedy


def test_what_is_no_file(tmp_path: Path, refused_file):
    assert "找不到" in refused_file(tmp_path / "没有.txt").what
    assert "文件夹" in refused_file(tmp_path).what
    assert "逐个起草" in refused_file(tmp_path).remedy
    assert "读不了" in refused_file("a\x00b.txt").what
    assert "读不了" in refused_file("长" * 300 + ".txt").what
    pipe = tmp_path / "管道.txt"
    os.mkfifo(pipe)
    assert "不是普通文件" in refused_file(pipe).what


@pytest.mark.parametrize("name", ["a.txt", "a.xlsx", "a.docx"])
def test_a_file_without_permission(tmp_path: Path, refused_file, monkeypatch, name: str):
    path = tmp_path / name
    path.write_bytes(b"x")

    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    monkeypatch.setattr(Path, "open", deny)
    assert "权限" in refused_file(path).remedy


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, b"a\x00b", b"\x00" * 99, b"\xff\xfe\x00", b"\xc3\x28\xff" * 50])
@pytest.mark.parametrize("suffix", [".txt", ".csv", ".yaml", ".json"])
def test_binary_is_no_text(refused, data: bytes, suffix: str):
    refused(data, suffix)


def test_an_office_file_by_another_name(refused):
    assert ".xlsx" in refused(b"PK\x03\x04rest", ".csv").remedy


def test_a_suffix_in_capitals_is_the_same(tmp_path: Path):
    path = tmp_path / "A.TXT"
    path.write_text(TEXT, encoding="utf-8")
    assert len(read_facts(path).facts) == 2
    assert ".xlsx" in FORMATS


def test_unseen_characters_do_not_hide_a_label(read):
    assert [f.text for f in read("\u200b问题：展\u200b品老化12\u2060件").facts] == ["展品老化12件"]
    assert read("接待观众\xa038.6万\u202f人次").facts[0].text == "接待观众38.6万人次"
    assert tidy("a\x0bb\x01c") == "a bc"


def test_lone_surrogates_are_refused(refused):
    assert "不完整" in refused('{"facts": ["接待观众38万人次\\ud83d"]}', ".json").what
    assert "不完整" in refused('- "接待观众38万人次\\ud83d"', ".yaml").what


def test_half_characters_in_a_field_are_refused(refused):
    assert "不完整" in refused('{"unit": "江州\\udc00科技馆", "facts": ["接待38万人次"]}', ".json").what
