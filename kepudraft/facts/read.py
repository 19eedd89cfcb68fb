"""A fact file of any kind -> FactSheet."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path

from kepudraft.errors import FactError, os_reason
from kepudraft.facts.book import read_xlsx
from kepudraft.facts.heading import Heading, headed, parse_date
from kepudraft.facts.material import MAX_BYTES, Material, RawLine, decode, simplified
from kepudraft.facts.sheet import FactSheet
from kepudraft.facts.structured import read_json, read_yaml
from kepudraft.facts.text import read_csv, read_text, split_lines
from kepudraft.facts.understand import understand
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.facts.word import read_docx
from kepudraft.genre import load_genre
from kepudraft.settings import shipped

__all__ = [
    "FORMATS", "Heading", "material_from_bytes", "parse_date", "read_facts", "read_facts_from_bytes", "read_material",
    "sheet_of_material",
]

_TEXT_READERS = {
    ".yaml": read_yaml, ".yml": read_yaml, ".json": read_json, ".csv": read_csv, ".tsv": read_csv,
    ".txt": read_text, ".md": read_text, ".text": read_text, ".markdown": read_text, "": read_text,
}
_FILE_READERS = {".xlsx": read_xlsx, ".xlsm": read_xlsx, ".docx": read_docx}
FORMATS = (*(s for s in _TEXT_READERS if s), *_FILE_READERS)
"""File endings that `read_facts` takes."""

_SAVE_AS = {
    ".xls": "请用 Excel 另存为 .xlsx", ".et": "请用 WPS 另存为 .xlsx", ".doc": "请用 Word 另存为 .docx",
    ".wps": "请用 WPS 另存为 .docx", ".pdf": "请给出 PDF 的原文件（Word 或 Excel）",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_facts(path: str | Path, heading: Heading | None = None) -> FactSheet:
    """Read a fact file.

    Args:
        path: .yaml .json .csv .xlsx .docx .txt .md; a text file in UTF-8, UTF-16 or GB18030.
        heading: Unit, type, year and date where they are given beside the file; they win over the file's own.

    Raises:
        FactError: The file cannot be used; the message says where, why and what to do.
    """
    path = Path(path)
    return sheet_of_material(read_material(path), heading or Heading(), path.stem)


def read_material(path: Path) -> Material:
    """What a fact file holds, before it is understood.

    Raises:
        FactError: The file cannot be read.
    """
    _check_file(path)
    file, suffix = path.name, path.suffix.lower()
    if reader := _FILE_READERS.get(suffix):
        material = reader(path, file)
        _refuse_surrogates(material)
        return material
    _refuse_unknown(suffix, file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FactError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限") from error
    return material_from_bytes(data, file=file, suffix=suffix)


def read_facts_from_bytes(
    data: bytes, *, file: str = "标准输入", suffix: str = "", heading: Heading | None = None, stem: str = ""
) -> FactSheet:
    """Read facts from text in memory or from standard input; the form is told by `suffix`, or from the text.

    Raises:
        FactError: As `read_facts`.
    """
    return sheet_of_material(material_from_bytes(data, file=file, suffix=suffix), heading or Heading(), stem)


def material_from_bytes(data: bytes, *, file: str = "标准输入", suffix: str = "") -> Material:
    """What a text in memory holds, before it is understood.

    Raises:
        FactError: As `read_material`.
    """
    _refuse_unknown(suffix, file)
    if len(data) > MAX_BYTES:
        raise FactError("内容太大", place=file, remedy=f"上限是{MAX_BYTES // 1_048_576}兆字节，请只保留本单位本年度的事实")
    if not data:
        raise FactError("文件是空的", place=file, remedy="请填写事实后重试")
    if data[:4] == b"PK\x03\x04":
        raise FactError("是 Office 或压缩文件，不是文本", place=file, remedy="请存成文件，以 .xlsx 或 .docx 为后缀")
    text, encoding = decode(data, file)
    if not text.strip():
        raise FactError("里面只有空白，没有一条事实", place=file, remedy="请填写事实后重试")
    read = simplified(text)
    material = _TEXT_READERS[suffix or _guessed_suffix(read)](read, file)
    if read != text:
        material = replace(material, remarks=(*material.remarks, "文件是繁体字，按简体读取和起草，请留意人名地名"))
    if encoding not in ("utf-8", "utf-8-sig"):
        material = replace(material, remarks=(*material.remarks, f"文件按 {encoding.upper()} 编码读取"))
    _refuse_surrogates(material)
    return material


def _check_file(path: Path) -> None:
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise FactError("找不到文件", place=str(path), remedy="请检查路径") from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = os_reason(error) if isinstance(error, OSError) else "路径里有不能用的字符"
        raise FactError(f"读不了文件（{reason}）", place=str(path)[:80], remedy="请检查路径和权限") from error
    if stat.S_ISDIR(state.st_mode):
        raise FactError("是文件夹，不是文件", place=str(path), remedy="请给出一个事实文件；多个单位请逐个起草")
    if not stat.S_ISREG(state.st_mode):
        raise FactError("不是普通文件", place=str(path), remedy="请给出一个事实文件；从管道读请用 -")
    if state.st_size > MAX_BYTES:
        raise FactError(
            f"文件有{state.st_size // 1_000_000}兆字节，超过{MAX_BYTES // 1_048_576}兆的上限", place=path.name,
            remedy="请只保留本单位本年度的事实",
        )


def _refuse_unknown(suffix: str, file: str) -> None:
    if suffix not in _TEXT_READERS:
        raise FactError(
            f"不能读取 {suffix or '没有后缀的'} 文件", place=file, remedy=_SAVE_AS.get(suffix, f"可用：{' '.join(FORMATS)}")
        )


def _guessed_suffix(text: str) -> str:
    head = text.lstrip()
    if head[:1] in ("{", "["):
        return ".json"
    if re.search(r"^(?:facts|事实)\s*:\s*$", text, re.M):
        return ".yaml"
    first = split_lines(head)[0]
    cells = [c for c in re.split(r"[,\t，]", first) if vocabulary().column(c)]
    return ".csv" if len(cells) >= 2 else ".txt"


def sheet_of_material(material: Material, heading: Heading, stem: str = "") -> FactSheet:
    """The sheet of a file that is taken apart already.

    Args:
        material: Lines and rows, with what the file says of the whole sheet.
        heading: What is given beside it; it wins.
        stem: The file's name without ending, from which unit and year may be told.

    Raises:
        FactError: As `read_facts`.
    """
    _refuse_surrogates(material)
    told = headed(material, heading, stem)
    genre = load_genre(shipped("corpus"))
    understood = understand(told.material, unit_type=told.unit_type, year=told.year, genre=genre)
    return FactSheet(
        unit=told.unit, unit_type=told.unit_type, year=told.year, facts=understood.facts, date=told.date,
        remarks=(*material.remarks, *told.remarks, *understood.remarks),
    )


def _refuse_surrogates(material: Material) -> None:
    """Half a character (the first code of an emoji, escaped in JSON) could never be written to a file again."""
    for item in material.items:
        texts = (item.text,) if isinstance(item, RawLine) else (item.name, item.value, item.unit, item.last, item.note)
        if any(_SURROGATE.search(t) for t in (*texts, item.context, *item.above)):
            raise FactError("有不完整的字符", place=f"{material.file} {item.place}", remedy="请重新输入这一行")
    if any(_SURROGATE.search(v) for v in material.fields.values()):
        raise FactError("单位、年度或日期里有不完整的字符", place=material.file, remedy="请重新输入")
