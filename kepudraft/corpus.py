"""Exemplars: good summaries whose wording a draft may learn from, never their figures. Reads and checks corpus/.

In: the Markdown files of corpus/exemplars; out: `Exemplar`s, and the `Excerpt`s that retrieval indexes. The form of a
file is strict, so that a slip of the pen is told with its line instead of becoming a badly labelled passage.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kepudraft.errors import CorpusError
from kepudraft.genre import Role, UnitType

LEVELS = ("国家级", "省级", "市级", "县级", "乡级", "村级")
EXEMPLARS = "exemplars"
MAX_EXCERPT_TOKENS = 300
"""Longer sections are cut: the encoder reads 512 pieces, and a shorter passage has a sharper vector."""

_KEYS = ("id", "unit_type", "level", "year", "title", "fictional", "facts_from")
_YEARS = range(1990, 2100)
_UNKNOWN_YEAR = "0"
_HEADING = re.compile(r"(?P<marks>#+)\s*(?P<text>[^{]*?)\s*(?:\{(?P<attributes>[^}]*)\})?\s*")
_ROLE = re.compile(r"role=(\w+)(?:\s+also=(\w+))?")
# 一、 under ##, （一） under ###, 1. under ####: the levels of GB/T 9704-2012.
_NUMBERS = {
    2: re.compile(r"([一二三四五六七八九十]+)、(.+)"),
    3: re.compile(r"（([一二三四五六七八九十]+)）(.+)"),
    4: re.compile(r"(\d+)[.．](.+)"),
}
_CHINESE = ("", *"一二三四五六七八九", "十", *(f"十{digit}" for digit in "一二三四五六七八九"), "二十")
# A full stop inside quotation marks or brackets ends its sentence after the closing mark.
_SENTENCE_END = r"(?<=[。！？])(?![”’）」』】》])|(?<=[。！？][”’）」』】》])"


@dataclass(frozen=True, slots=True)
class ExemplarSection:
    """One section of an exemplar.

    Attributes:
        role: What it does.
        heading: As printed, without number; "" for the overview before the first heading and for the closing.
        text: Its prose, sub-headings included, paragraphs parted by a line break.
        also: What it does as well, where its role was guessed and this one is nearly as likely.
    """

    role: Role
    heading: str
    text: str
    also: Role | None = None


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One summary of the corpus.

    Attributes:
        id: File name without suffix.
        unit_type: Who wrote it.
        level: 国家级, 省级, 市级, 县级, 乡级 or 村级.
        year: The year it covers; 0 if that is unknown, as in a text taken in from elsewhere.
        title: As printed.
        fictional: True if unit and figures are made up.
        facts_from: Which of its facts come from where; "" for a fictional one.
        sections: In order.
    """

    id: str
    unit_type: UnitType
    level: str
    year: int
    title: str
    fictional: bool
    facts_from: str
    sections: tuple[ExemplarSection, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """An indexed passage: a section of an exemplar, or a part of a long one.

    Attributes:
        id: Exemplar id, "#" and the passage's number in the exemplar from 1.
        exemplar_id: Where it comes from.
        unit_type: Who wrote it.
        role: What the section does.
        heading: Of the section, without number; "" where it has none.
        text: As printed.
        title: Of the exemplar.
        year: That the exemplar covers; 0 where it is not known.
        also: What the section does as well, where its role was guessed; a search for either role finds it.
    """

    id: str
    exemplar_id: str
    unit_type: UnitType
    role: Role
    heading: str
    text: str
    title: str = ""
    year: int = 0
    also: Role | None = None

    @property
    def masked(self) -> str:
        """The text with its figures masked: the only form that may be shown to a model.

        Worked out when asked for, not stored, so that an index never holds masks of older rules.
        """
        return _masked(self.text)


@lru_cache(maxsize=256)
def _masked(text: str) -> str:
    """What is shown for one kind of section is shown for many units."""
    from kepudraft.figures.slots import mask

    return mask(text)


def read_corpus(folder: Path, *, strict: bool = False) -> tuple[Exemplar, ...]:
    """Read and check every exemplar under `folder`/exemplars, in the order of their ids.

    Args:
        folder: The corpus folder.
        strict: Also refuse names of persons and figures that contradict each other, as in the corpus that ships.

    Raises:
        CorpusError: There is none, or one breaks the form; the message names file and line.
    """
    exemplars = tuple(_Reader(path).exemplar() for path in exemplar_files(folder))
    if strict:
        for exemplar in exemplars:
            _refuse_faults(folder, exemplar)
    return exemplars


def _refuse_faults(folder: Path, exemplar: Exemplar) -> None:
    from kepudraft.corpus_rules import Part, faults

    parts = [Part(section.role, section.heading, section.text) for section in exemplar.sections]
    for fault in faults(parts):
        raise CorpusError(fault, place=str(folder / EXEMPLARS / f"{exemplar.id}.md"))


def exemplar_files(folder: Path) -> tuple[Path, ...]:
    """Return the exemplar files of a corpus folder in the order of their names.

    Raises:
        CorpusError: There is none.
    """
    paths = tuple(sorted((folder / EXEMPLARS).glob("*.md")))
    if not paths:
        remedy = "请检查语料目录的设置，范文应为 *.md 文件"
        raise CorpusError("没有找到范文", place=str(folder / EXEMPLARS), remedy=remedy)
    return paths


def corpus_digest(folder: Path) -> str:
    """Return the SHA-256 of all exemplar files, the same whatever line ends a checkout gave them."""
    digest = hashlib.sha256()
    for path in exemplar_files(folder):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def excerpts(exemplars: Sequence[Exemplar]) -> tuple[Excerpt, ...]:
    """Cut exemplars into the passages to be indexed, none longer than `MAX_EXCERPT_TOKENS` unless one sentence is."""
    return tuple(excerpt for exemplar in exemplars for excerpt in _excerpts_of(exemplar))


def _excerpts_of(exemplar: Exemplar) -> Iterator[Excerpt]:
    number = 0
    for section in exemplar.sections:
        for text in _pieces(section.text):
            number += 1
            yield Excerpt(
                id=f"{exemplar.id}#{number}",
                exemplar_id=exemplar.id,
                unit_type=exemplar.unit_type,
                role=section.role,
                heading=section.heading,
                text=text,
                title=exemplar.title,
                year=exemplar.year,
                also=section.also,
            )


def _pieces(text: str) -> list[str]:
    # Chinese prose has fewer tokens than characters: a short section needs neither tokeniser nor splitter.
    if len(text) <= MAX_EXCERPT_TOKENS:
        return [text]
    from kepudraft.tokens import count_tokens

    total = count_tokens(text)
    if total <= MAX_EXCERPT_TOKENS:
        return [text]
    # Parts of equal length, not full ones and a remnant of one sentence.
    parts = -(-total // MAX_EXCERPT_TOKENS)
    return _splitter(min(MAX_EXCERPT_TOKENS, total // parts + MAX_EXCERPT_TOKENS // 6), count_tokens)(text)


def _splitter(size: int, count: Callable[[str], int]) -> Callable[[str], list[str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    # No separator below the sentence: a sentence that is too long stays whole, and so does every figure.
    return RecursiveCharacterTextSplitter(
        chunk_size=size,
        chunk_overlap=0,
        length_function=count,
        separators=["\n", _SENTENCE_END],
        is_separator_regex=True,
        keep_separator="end",
    ).split_text


@dataclass(slots=True)
class _Section:
    """A section while it is read: its heading's line, and the lines of its text."""

    line: int
    role: Role
    heading: str
    text: list[str] = field(default_factory=list)
    parts: int = 0
    also: Role | None = None


@dataclass(slots=True)
class _Reader:
    """Reads one exemplar file; keeps the place for messages."""

    path: Path
    _sections: list[_Section] = field(default_factory=list)
    _parent: _Section | None = None
    _numbers: list[int] = field(default_factory=list)

    def exemplar(self) -> Exemplar:
        lines = self._lines()
        values, start = self._front_matter(lines)
        for number, line in enumerate(lines[start:], start + 1):
            if line.startswith("#"):
                self._heading(number, line)
            elif line.strip():
                self._prose(number, line.strip())
        return self._checked(values)

    def _wrong(self, line: int, what: str, remedy: str = "") -> CorpusError:
        return CorpusError(what, place=f"{self.path} 第{line}行", remedy=remedy)

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise CorpusError("不是UTF-8编码", place=str(self.path), remedy="请另存为UTF-8") from error

    def _front_matter(self, lines: list[str]) -> tuple[dict[str, str], int]:
        """Return the values and the number of lines they take, the two --- included."""
        if not lines or lines[0].strip() != "---":
            raise self._wrong(1, "缺少文件头", "首行应为 ---，其后逐行写 id、unit_type、level、year、title 等项")
        values: dict[str, str] = {}
        for number, line in enumerate(lines[1:], 2):
            if line.strip() == "---":
                self._check_values(values, number)
                return values, number
            key, colon, value = line.partition(":")
            key = key.strip()
            if not colon or key not in _KEYS:
                raise self._wrong(number, f"文件头有不认识的项“{line.strip()}”", f"可用的项：{'、'.join(_KEYS)}")
            if key in values:
                raise self._wrong(number, f"文件头的 {key} 写了两次")
            values[key] = value.strip()
            self._check_value(number, key, values[key])
        raise self._wrong(len(lines), "文件头没有结束", "请在各项之后另起一行写 ---")

    def _check_value(self, line: int, key: str, value: str) -> None:
        allowed: dict[str, tuple[str, ...]] = {
            "id": (self.path.stem,),
            "unit_type": tuple(UnitType),
            "level": LEVELS,
            "fictional": ("true", "false"),
        }
        if key in allowed and value not in allowed[key]:
            raise self._wrong(line, f"{key} 的值“{value}”不对", f"应为：{'、'.join(allowed[key])}")
        if key == "year" and value != _UNKNOWN_YEAR and not (re.fullmatch(r"[0-9]{4}", value) and int(value) in _YEARS):
            raise self._wrong(line, f"年份“{value}”不对", "应为四位数字，如 2018；不知道时写 0")

    def _check_values(self, values: dict[str, str], line: int) -> None:
        missing = [key for key in _KEYS[:-1] if not values.get(key)]
        if missing:
            raise self._wrong(line, f"文件头缺少 {'、'.join(missing)}")
        if values["fictional"] == "false" and not values.get("facts_from"):
            raise self._wrong(line, "不是虚构的范文要写明事实出处", "请补 facts_from")

    def _prose(self, line: int, text: str) -> None:
        if not self._sections:
            self._sections.append(_Section(line, Role.OVERVIEW, ""))
        self._sections[-1].text.append(text)

    def _heading(self, line: int, text: str) -> None:
        match = _HEADING.fullmatch(text)
        if match is None:
            raise self._wrong(line, f"标题“{text}”的写法不对", "应如：## 一、建强组织体系 {role=leadership}")
        level = len(match["marks"])
        role, also = self._roles(line, match["attributes"], required=level == 2)
        if level == 2 and role is Role.CLOSING and not match["text"]:
            self._start(_Section(line, role, ""), parent=True)
            return
        heading = self._numbered(line, level, match["text"])
        if level == 2 and role is not None:
            self._start(_Section(line, role, heading, also=also), parent=True)
            return
        if self._parent is None:
            raise self._wrong(line, "标题越级", "应先有“## 一、”这一级标题")
        section = _Section(line, role or self._parent.role, heading, also=also)
        self._sub_heading(self._parent, section, level=level, text=match["text"])

    def _sub_heading(self, parent: _Section, section: _Section, *, level: int, text: str) -> None:
        # A （二） of the parent's own role after a （一） of another role is a section too, so that the order stays.
        if section.role is not parent.role or (level == 3 and self._sections[-1] is not parent):
            parent.parts += 1
            self._start(section, parent=False)
        else:
            self._sections[-1].text.append(text)

    def _roles(self, line: int, attributes: str | None, *, required: bool) -> tuple[Role | None, Role | None]:
        """Return a heading's role and what it does as well, each None if not said."""
        if attributes is None:
            if required:
                raise self._wrong(line, "标题没有写明作用", "请在标题后加 {role=…}")
            return None, None
        match = _ROLE.fullmatch(attributes.strip())
        if match is None or not {match[1], match[2] or match[1]} <= set(Role):
            raise self._wrong(line, f"标题的作用“{attributes}”不认识", f"应为 role= 加其一：{'、'.join(Role)}")
        return Role(match[1]), Role(match[2]) if match[2] else None

    def _numbered(self, line: int, level: int, text: str) -> str:
        """Check the number and the level of a heading; return it without its number."""
        if level not in _NUMBERS:
            raise self._wrong(line, f"不用{level}级标题", "只用 ##、###、####")
        depth = level - 1
        if depth > len(self._numbers) + 1:
            raise self._wrong(line, "标题越级", f"应先有{level - 1}级标题")
        match = _NUMBERS[level].fullmatch(text)
        if match is None:
            raise self._wrong(line, f"标题“{text}”没有序号或序号写法不对", "依次为：一、 （一） 1.")
        del self._numbers[depth:]
        if len(self._numbers) < depth:
            self._numbers.append(0)
        self._numbers[-1] += 1
        expected = str(self._numbers[-1]) if level == 4 else _CHINESE[min(self._numbers[-1], 20)]
        if match[1] != expected:
            raise self._wrong(line, f"标题序号“{match[1]}”不连续", f"应为“{expected}”")
        return match[2].strip()

    def _start(self, section: _Section, *, parent: bool) -> None:
        if self._sections and self._sections[-1].role is Role.CLOSING:
            raise self._wrong(section.line, "结语之后还有标题", "结语应在全文最后")
        self._sections.append(section)
        if parent:
            self._parent = section

    def _checked(self, values: dict[str, str]) -> Exemplar:
        sections = []
        for section in self._sections:
            if section.text:
                sections.append(ExemplarSection(section.role, section.heading, "\n".join(section.text), section.also))
            elif not section.parts:
                raise self._wrong(section.line, f"“{section.heading or '结语'}”下面没有正文")
        if not sections:
            raise CorpusError("没有正文", place=str(self.path))
        return Exemplar(
            id=values["id"],
            unit_type=UnitType(values["unit_type"]),
            level=values["level"],
            year=int(values["year"]),
            title=values["title"],
            fictional=values["fictional"] == "true",
            facts_from=values.get("facts_from", ""),
            sections=tuple(sections),
        )
