"""A file of any accepted format -> its lines, each with its place. All bounds on untrusted files stand here.

Nothing is unpacked or parsed before its size is known; whatever a library raises on a damaged file becomes one sentence.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kepudraft.errors import CorpusError, os_reason
from kepudraft.ingest.decoding import MAX_BYTES, decode
from kepudraft.ingest.prose import PAGE, Line

FORMATS = (".txt", ".md", ".docx", ".html", ".htm", ".pdf")
_MAX_PAGES = 400
_MAX_LINES = 60_000
_HTML = re.compile(r"<(?:!doctype\s+html|html|body|div|p|br|table)\b[^>]*>", re.I)
_TAG = re.compile(r"</?(?:p|br|div|span|strong|b|em|font|a|h[1-6]|li|ul|td|tr|table)\b[^<>]{0,200}/?>", re.I)
_NEWLINE = re.compile("\r\n|\r|\n")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BLANK = re.compile("[\x0b\x0c\x85\xa0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\t]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read.

    Attributes:
        name: File name.
        digest: SHA-256 of its bytes.
        lines: In order; blank ones too, since they part paragraphs.
        remarks: What was noticed, Chinese sentences.
    """

    name: str
    digest: str
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()


def read_source(path: Path) -> Source:
    """Read one file.

    Raises:
        CorpusError: It cannot be read, is too large, of no accepted format, damaged, or holds no text.
    """
    data = _bytes(path)
    suffix = path.suffix.lower()
    remarks: tuple[str, ...] = ()
    if suffix == ".docx":
        lines = list(_docx(path))
    elif suffix == ".pdf" or data.startswith(b"%PDF-"):
        lines = list(_pdf(path))
    elif suffix in FORMATS or not suffix:
        decoded = decode(data, path.name)
        lines, remarks = _text_lines(decoded.text, suffix), (decoded.remark,) if decoded.remark else ()
    else:
        raise CorpusError(f"不能读 {suffix} 文件", place=path.name, remedy=f"可用：{' '.join(FORMATS)}")
    tidied = tuple(Line(line.number, tidy(line.text), line.linked) for line in lines[:_MAX_LINES])
    if not any(line.text.strip() for line in tidied):
        raise CorpusError("里面没有文字", place=path.name, remedy="请换一个有文字的文件；扫描件要先做文字识别")
    return Source(path.name, hashlib.sha256(data).hexdigest(), tidied, remarks)


def tidy(text: str) -> str:
    """Return text without what no eye sees; odd blanks become plain ones."""
    return _BLANK.sub(" ", _UNSEEN.sub("", text)).rstrip()


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise CorpusError("这个文件夹里没有可读的总结", place=str(path), remedy=f"可用的文件：{' '.join(FORMATS)}")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorpusError(f"超过{MAX_BYTES // 1024 // 1024}兆字节", place=path.name, remedy="请拆成几个文件")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CorpusError("找不到文件", place=str(path), remedy="请检查文件名") from error
    except OSError as error:
        raise CorpusError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限") from error
    if not data.strip():
        raise CorpusError("文件是空的", place=path.name)
    return data


def _text_lines(text: str, suffix: str) -> list[Line]:
    if suffix in (".html", ".htm") or len(_HTML.findall(text[:4000])) >= 3:
        from kepudraft.ingest.markup import read_html

        return read_html(text)
    lines = [Line(n, line) for n, line in enumerate(_NEWLINE.split(text), 1)]
    if suffix == ".md":
        lines = _without_front_matter(lines)
    return [Line(line.number, _unmarked(line.text), line.linked) for line in lines]


def _unmarked(text: str) -> str:
    """Return a line without the tags and entities that a crawler left."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text and ";" in text:
        from html import unescape

        text = unescape(text)
    return text.replace("**", "") if text.count("**") >= 2 and not text.strip("* ").isdigit() else text


def _without_front_matter(lines: list[Line]) -> list[Line]:
    if lines and lines[0].text.strip() == "---":
        for at, line in enumerate(lines[1:60], 1):
            if line.text.strip() == "---":
                return lines[at + 1 :]
    return lines


def _docx(path: Path) -> Iterator[Line]:
    from docx import Document

    from kepudraft.errors import FactError
    from kepudraft.facts.archive import check_zip

    try:
        check_zip(path, path.name)
        blocks = list(Document(str(path)).iter_inner_content())
        for number, block in enumerate(blocks, 1):
            yield from _block_lines(block, number)
    except FactError as error:
        raise CorpusError(error.what, place=path.name, remedy="请用 Word 打开后另存为 .docx") from error
    except Exception as error:  # python-docx raises whatever zipfile and lxml raise on a damaged file
        raise CorpusError("打不开这个 Word 文件", place=path.name, remedy="请用 Word 打开后另存为 .docx") from error


def _block_lines(block: object, number: int) -> Iterator[Line]:
    from docx.table import Table

    if isinstance(block, Table):
        for row in block.rows:
            cells = list(dict.fromkeys(cell.text.strip() for cell in row.cells))
            yield Line(number, " ".join(" ".join(cells).split()))
        return
    text = getattr(block, "text", "")
    style = str(getattr(getattr(block, "style", None), "name", "") or "")
    level = re.match(r"(?:heading|标题)\s*([1-6])", style, re.I)
    for piece in text.split("\n"):
        yield Line(number, ("#" * int(level[1]) + " " + piece) if level and piece.strip() else piece)


def _pdf(path: Path) -> Iterator[Line]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError("加了密码", place=path.name, remedy="请去掉密码后重试")
        if len(reader.pages) > _MAX_PAGES:
            raise CorpusError(f"超过{_MAX_PAGES}页", place=path.name, remedy="请拆成几个文件")
        for number, page in enumerate(reader.pages, 1):
            for line, text in enumerate(page.extract_text().split("\n"), 1):
                yield Line(number * PAGE + line, text)
    except CorpusError:
        raise
    except Exception as error:  # pypdf raises whatever its parsers and filters raise on a damaged file
        raise CorpusError("打不开这个 PDF 文件", place=path.name, remedy="请另存为 .docx 或 .txt 后重试") from error
