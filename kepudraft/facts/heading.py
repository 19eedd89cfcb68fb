"""Whose facts a file holds, and of which year: told by the caller, a field, the title, the file's name or the dates in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kepudraft.errors import FactError
from kepudraft.facts.material import Material, RawLine
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.genre import UnitType

_TITLE = re.compile(
    r"^(?P<unit>[^，。：:\d（(]{2,40}?)(?P<rest>(?:科普|教育|工作|年度|主要|基本|有关|全年|事实|数据|素材|材料|情况|总结|台账|统计|报表|汇总"
    r"|清单|指标|活动|获奖|数字|的数|年报|表|[（(]?(?:20\d\d|二[〇○零][一二三四五六七八九〇]{2})年?度?[)）]?"
    r"|[（(]20\d\d年[^（()）]{1,10}[)）]|[（(][^（()）\d]{2,12}[)）]|[、和及\s])+)$"
)
_MAX_TITLE = 60  # the pattern above tries many ways to part a long text
_YEAR_FIRST = re.compile(r"^((?:20\d\d|二[〇○零][一二三四五六七八九〇]{2})年度?)(?P<unit>[^，。：:\d]{4,30}?)(?=科普|工作|总结|全年)")
_YEAR_LINE = re.compile(r"^[（(]?(20\d\d|二[〇○零][一二三四五六七八九〇]{2})年?度?(?:科普|工作|数据|素材|情况|总结|材料)*[)）]?$")
_NAME = re.compile(r"^[\u3400-\u9fff（）()·]{3,40}$")
_VERB = re.compile(r"(?:开展|举办|组织|成立|接待|建成|新建|完成|加强|制定|召开|联合|获评|荣获|被评为|创建|认定|参加|承办|印发|与)")
_DATE = re.compile(r"\s*(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?\s*")
_DIGITS = str.maketrans("〇○零一二三四五六七八九０１２３４５６７８９", "0001234567890123456789")
_IN_TEXT = re.compile(r"(?<!\d)(20\d\d)年(?:\d{1,2}月|以来|度|全年|[，,])")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a person says of a sheet beside its facts; None where nothing is said."""

    unit: str | None = None
    unit_type: UnitType | None = None
    year: int | None = None
    date: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Headed:
    """A material without the lines that told the following of it."""

    material: Material
    unit: str
    unit_type: UnitType
    year: int
    date: tuple[int, int, int] | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Title:
    """What the first lines tell: the unit's name and a year, "" and None where they don't; and how many lines they are."""

    unit: str = ""
    year: int | None = None
    lines: int = 0


def headed(material: Material, heading: Heading, stem: str) -> Headed:
    """Settle unit, type, year and date; what was guessed is said in the remarks.

    Args:
        material: What the file holds.
        heading: What the caller says; it wins.
        stem: The file's name without ending, "" for standard input.

    Raises:
        FactError: Unit, type or year is nowhere told, or a field holds none.
    """
    remarks: list[str] = []
    title = _title(material)
    unit = _unit(material, heading, stem, title, remarks)
    unit_type = _unit_type(material, heading, unit, remarks)
    signed = _without_signature(replace(material, items=material.items[title.lines :]), unit)
    year = _year(signed, heading, title.year, stem, remarks)
    date = heading.date or parse_date(signed.fields.get("date", ""), material.file)
    return Headed(_without_titles(signed, unit), unit, unit_type, year, date, tuple(remarks))


def parse_date(said: str, file: str) -> tuple[int, int, int] | None:
    """(year, month, day) of «2026年1月6日», 2026-1-6 or 2026.1.6; None for "".

    Raises:
        FactError: It is no date; `file` is named as the place.
    """
    from datetime import date

    if not said:
        return None
    if found := _DATE.fullmatch(said.translate(_DIGITS).split(" 0:")[0]):
        year, month, day = (int(g) for g in found.groups())
        try:
            date(year, month, day)
        except ValueError:
            found = None
        else:
            return year, month, day
    raise FactError(f"成文日期“{said[:20]}”看不懂", place=file, remedy="请写成 2026年1月6日")


def _title(material: Material) -> _Title:
    items = material.items
    first = items[0].text if items and isinstance(items[0], RawLine) else ""
    title = _title_of(first)
    if not title.unit and material.title and (above := _title_of(material.title)).unit:
        title = replace(above, lines=0)
    at = title.lines
    if title.year is None and len(items) > at and isinstance(after := items[at], RawLine) and (line := _YEAR_LINE.match(after.text)):
        title = replace(title, year=_year_number(line[1]), lines=at + 1)
    return title


def _title_of(text: str) -> _Title:
    if not text or len(text) > _MAX_TITLE:
        return _Title()
    type_of = vocabulary().type_of
    found = _TITLE.match(text)
    if found and (type_of(found["unit"]) or type_of(text)) and not _VERB.match(text):
        told = re.search(r"20\d\d|二[〇○零][一二三四五六七八九〇]{2}", found["rest"])
        return _Title(found["unit"], _year_number(told[0]) if told else None, 1)
    if (first := _YEAR_FIRST.match(text)) and type_of(first["unit"]) and not _VERB.match(first["unit"]):
        return _Title(first["unit"], _year_number(first[1]), 1)
    if _NAME.match(text) and type_of(text) and not _VERB.match(text):
        return _Title(text, None, 1)
    return _Title()


def _year_number(said: str) -> int:
    return int(re.sub(r"\D", "", said.translate(_DIGITS))[:4])


def _unit(material: Material, heading: Heading, stem: str, title: _Title, remarks: list[str]) -> str:
    if named := (heading.unit or material.fields.get("unit", "")).strip():
        return named
    of_file = _unit_of_stem(stem)
    if title.unit and not of_file.endswith(title.unit):
        remarks.append(f"单位按标题读作“{title.unit}”")
        return title.unit
    if of_file:
        remarks.append(f"单位按文件名读作“{of_file}”")
        return of_file
    raise FactError("没有写明单位名称", place=material.file, remedy="请在文件里加一行“单位：××”，或用 --unit 给出")


def _unit_of_stem(stem: str) -> str:
    name = re.sub(r"^[\d\s._\-—]+|20\d\d年?度?|(?:科普)?(?:工作)?(?:总结|事实|数据|素材|材料|台账|情况|汇总|报表|表)", "", stem)
    name = name.strip(" _-—.（）()")
    return name if vocabulary().type_of(name) else ""


def _unit_type(material: Material, heading: Heading, unit: str, remarks: list[str]) -> UnitType:
    if heading.unit_type:
        return heading.unit_type
    names = "、".join(UnitType)
    if said := material.fields.get("unit_type", "").strip():
        exact = next((t for t in UnitType if t.value == said), None)
        guess = exact or vocabulary().type_of(said) or next((t for t in UnitType if t.value in said), None)
        if guess is None:
            raise FactError(f"单位类型“{said[:20]}”不认识", place=material.file, remedy=f"可用：{names}")
        return guess
    if (guess := vocabulary().type_of(unit)) is None:
        raise FactError(f"从“{unit[:20]}”看不出单位类型", place=material.file, remedy=f"请用 --unit-type 给出：{names}")
    remarks.append(f"单位类型按名称判断为“{guess}”，不对请用 --unit-type 给出")
    return guess


def _year(material: Material, heading: Heading, of_title: int | None, stem: str, remarks: list[str]) -> int:
    if heading.year:
        return heading.year
    if said := material.fields.get("year", "").strip():
        if found := re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", said.translate(_DIGITS)):
            return int(found[0])
        raise FactError(f"年度“{said[:20]}”看不懂", place=material.file, remedy="请写成四位数字，如 2025")
    if of_title:
        remarks.append(f"年度按标题读作{of_title}年")
        return of_title
    if column := material.fields.get("column_year"):
        remarks.append(f"年度按列名读作{column}年")
        return int(column)
    if found := re.search(r"(?<!\d)20\d\d(?!\d)", stem):
        remarks.append(f"年度按文件名读作{found[0]}年")
        return int(found[0])
    texts = [i.text if isinstance(i, RawLine) else i.value for i in material.items]
    years = set(_IN_TEXT.findall("\n".join(texts)))
    if len(years) == 1:
        year = int(years.pop())
        remarks.append(f"年度按文中日期读作{year}年")
        return year
    raise FactError("没有写明年度", place=material.file, remedy="请在文件里加一行“年度：2025”，或用 --year 2025 给出")


def _without_signature(material: Material, unit: str) -> Material:
    """The unit's name and the date at the end of a text are its signature."""
    items = list(material.items)
    fields = dict(material.fields)
    last = items[-1] if items else None
    dated = isinstance(last, RawLine) and _DATE.fullmatch(last.text.translate(_DIGITS))
    if isinstance(last, RawLine) and dated:
        fields.setdefault("date", last.text)
        del items[-1]
    signer = items[-1] if items else None
    if isinstance(signer, RawLine) and (signer.text == unit or (dated and _NAME.match(signer.text) and _title_of(signer.text).unit)):
        del items[-1]
    return replace(material, items=tuple(items), fields=fields)


def _without_titles(material: Material, unit: str) -> Material:
    """Titles of further sheets and tables (江州市科技馆2025年获奖情况) state nothing."""
    kept = tuple(
        i for i in material.items
        if not (isinstance(i, RawLine) and i.text.startswith(unit) and (i.text == unit or _title_of(i.text).unit == unit))
    )
    return replace(material, items=kept)
