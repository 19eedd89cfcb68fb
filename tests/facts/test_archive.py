"""Office files that are none, are broken, or would fill the machine."""

from __future__ import annotations

import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from docx import Document

from kepudraft.errors import FactError
from kepudraft.facts.read import read_facts
from tests.facts.conftest import MUSEUM

BOMB = b"0" * (1024 * 1024)


def bomb(path: Path, part: str, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open(part, "w", force_zip64=True) as opened:
        for _ in range(megabytes):
            opened.write(BOMB)
    return path


@pytest.mark.parametrize(("suffix", "part"), [("xlsx", "xl/worksheets/sheet1.xml"), ("docx", "word/document.xml"), ("xlsx", "xl/media/a.png")])
def test_a_zip_bomb_is_not_opened(tmp_path: Path, refused_file, suffix: str, part: str):
    path = bomb(tmp_path / f"bomb.{suffix}", part, 300)
    assert path.stat().st_size < 1_000_000
    started = time.process_time()
    assert "解压后有314兆字节" in refused_file(path).what
    assert time.process_time() - started < 1


@pytest.mark.parametrize("suffix", ["xlsx", "docx"])
def test_an_entity_bomb_does_not_unfold(tmp_path: Path, refused_file, suffix: str, book):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "场场场场">{entities}]>'.encode()
    source = book([["指标", "数值"], ["夜场专题", "TARGET"]]) if suffix == "xlsx" else tmp_path / "plain.docx"
    if suffix == "docx":
        made = Document()
        made.add_paragraph("TARGET")
        made.save(source)
    path = tmp_path / f"entities.{suffix}"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "word/document.xml"):
                body = data[data.index(b"?>") + 2 :] if data.startswith(b"<?xml") else data
                data = doctype + body.replace(b"TARGET", b"&a11;")
            new.writestr(part, data)
    started = time.process_time()
    refused_file(path)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("suffix", ["xlsx", "docx"])
def test_what_is_no_office_file(tmp_path: Path, refused_file, suffix: str):
    path = tmp_path / f"a.{suffix}"
    for data, says in (
        (b"", "空"), ("指标,数值".encode(), "不是有效的 Office 文件"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "密码"),
        (b"PK\x03\x04" + b"\0" * 99, "损坏"),
    ):
        path.write_bytes(data)
        assert says in refused_file(path).what


def test_half_a_file_and_another_archive(tmp_path: Path, refused_file, book):
    whole = book([["指标", "数值"], ["夜场专题", "12场"]]).read_bytes()
    half = tmp_path / "half.xlsx"
    half.write_bytes(whole[: len(whole) // 2])
    assert "损坏" in refused_file(half).what
    for suffix in ("xlsx", "docx"):
        other = tmp_path / f"other.{suffix}"
        with zipfile.ZipFile(other, "w") as made:
            made.writestr("a.txt", "讲座46场")
        assert "打不开" in refused_file(other).what
    document = tmp_path / "really.xlsx"
    made = Document()
    made.add_paragraph("讲座46场")
    made.save(document)
    assert "打不开" in refused_file(document).what


def test_damaged_parts(tmp_path: Path, book):
    whole = bytearray(book([["指标", "数值"], ["夜场专题", "12场"]]).read_bytes())
    path = tmp_path / "damaged.xlsx"
    for at in range(40, len(whole) - 30, max(1, len(whole) // 25)):
        broken = bytes(whole[:at]) + b"\xff\x00\xff\x00" + bytes(whole[at + 4 :])
        path.write_bytes(broken)
        with suppress(FactError):  # what happens to read well may be read; any other error fails the test
            read_facts(path, MUSEUM)
