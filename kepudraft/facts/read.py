"""A fact file of any kind -> FactSheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kepudraft.errors import FactError
from kepudraft.facts.lines import read_text
from kepudraft.facts.material import MAX_BYTES, Material, RawLine, RawRecord, decode
from kepudraft.facts.sheet import FactSheet
from kepudraft.facts.structured import read_json, read_yaml
from kepudraft.facts.tables import read_csv, read_docx, read_xlsx
from kepudraft.facts.understand import understand
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.genre import UnitType, load_genre
from kepudraft.settings import shipped

_TEXT_READERS = {
    ".yaml": read_yaml, ".yml": read_yaml, ".json": read_json, ".csv": read_csv, ".tsv": read_csv,
    ".txt": read_text, ".md": read_text, ".text": read_text, ".markdown": read_text, "": read_text,
}
_FILE_READERS = {".xlsx": read_xlsx, ".xlsm": read_xlsx, ".docx": read_docx}
FORMATS = (*(s for s in _TEXT_READERS if s), *_FILE_READERS)
"""File endings that `read_facts` takes."""

_TITLE = re.compile(
    r"^(?P<unit>[^，。：:\d（(]{2,40}?)(?P<rest>(?:科普|教育|工作|年度|主要|基本|有关|全年|事实|数据|素材|材料|情况|总结|台账|统计|报表|汇总"
    r"|清单|指标|表|[（(]?20\d\d年?度?[)）]?|[（(]20\d\d年?[^（()）]{0,10}[)）]|[（(][^（()）\d]{2,12}[)）]|[、和及\s])+)$"
)
_YEAR_LINE = re.compile(r"^[（(]?(20\d\d)年?度?(?:科普|工作|数据|素材|情况|总结|材料)*[)）]?$")
_NAME = re.compile(r"^[\u3400-\u9fff（）()·]{3,40}$")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a person says of a sheet beside its facts; None where nothing is said."""

    unit: str | None = None
    unit_type: UnitType | None = None
    year: int | None = None
    date: tuple[int, int, int] | None = None


def read_facts(path: str | Path, heading: Heading | None = None) -> FactSheet:
    """Read a fact file.

    Args:
        path: .yaml .json .csv .xlsx .docx .txt .md; a text file in UTF-8, UTF-16 or GB18030.
        heading: Unit, type, year and date where they are given beside the file; they win over the file's own.

    Raises:
        FactError: The file cannot be used; the message says where, why and what to do.
    """
    path = Path(path)
    file = path.name
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FactError("找不到文件", place=str(path), remedy="请检查路径") from error
    if path.is_dir():
        raise FactError("是文件夹，不是文件", place=str(path), remedy="请给出一个事实文件；多个单位请用 kepudraft batch")
    if size > MAX_BYTES:
        raise FactError(
            f"文件有{size // 1_000_000}兆字节，超过{MAX_BYTES // 1_048_576}兆的上限", place=file, remedy="请只保留本单位本年度的事实"
        )
    suffix = path.suffix.lower()
    if reader := _FILE_READERS.get(suffix):
        return _sheet(reader(path, file), heading or Heading(), path.stem)
    if suffix not in _TEXT_READERS:
        raise FactError(f"不能读取 {suffix} 文件", place=file, remedy=f"可用：{' '.join(FORMATS)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FactError(f"读不了文件（{error.strerror}）", place=str(path), remedy="请检查文件权限") from error
    return read_facts_from_bytes(data, file=file, suffix=suffix, heading=heading, stem=path.stem)


def read_facts_from_bytes(
    data: bytes, *, file: str = "标准输入", suffix: str = "", heading: Heading | None = None, stem: str = ""
) -> FactSheet:
    """Read facts from text in memory or from standard input; the form is told by `suffix`, or from the text.

    Raises:
        FactError: As `read_facts`.
    """
    if len(data) > MAX_BYTES:
        raise FactError("内容太大", place=file, remedy=f"上限是{MAX_BYTES // 1_048_576}兆字节")
    if not data.strip():
        raise FactError("文件是空的", place=file, remedy="请填写事实后重试")
    if data[:4] == b"PK\x03\x04":
        raise FactError("是 Office 或压缩文件，不是文本", place=file, remedy="请以 .xlsx 或 .docx 为文件名后缀")
    text, encoding = decode(data, file)
    material = _TEXT_READERS[suffix or _guessed_suffix(text)](text, file)
    if encoding not in ("utf-8", "utf-8-sig"):
        note = f"文件按 {encoding.upper()} 编码读取"
        material = Material(material.file, material.items, material.fields, (*material.remarks, note))
    return _sheet(material, heading or Heading(), stem)


def _guessed_suffix(text: str) -> str:
    head = text.lstrip("\ufeff \t\r\n")
    if head[:1] in ("{", "["):
        return ".json"
    if re.search(r"^(?:facts|事实)\s*:\s*$", text, re.M):
        return ".yaml"
    first = head.splitlines()[0] if head else ""
    cells = [c for c in re.split(r"[,\t]", first) if vocabulary().column(c)]
    return ".csv" if len(cells) >= 2 else ".txt"


def _sheet(material: Material, heading: Heading, stem: str) -> FactSheet:
    remarks = list(material.remarks)
    unit, items, year_of_title = _unit(material, heading, stem, remarks)
    unit_type = _unit_type(material, heading, unit, remarks)
    year = _year(material, heading, year_of_title, stem, remarks)
    genre = load_genre(shipped("corpus"))
    understood = understand(
        Material(material.file, items, material.fields), unit_type=unit_type, year=year, genre=genre
    )
    return FactSheet(
        unit=unit, unit_type=unit_type, year=year, facts=understood.facts,
        date=heading.date or parse_date(material.fields.get("date", ""), material.file),
        remarks=(*remarks, *understood.remarks),
    )


def _unit(material: Material, heading: Heading, stem: str, remarks: list[str]) -> tuple[str, tuple[RawLine | RawRecord, ...], int | None]:
    """The unit's name, the items without the lines that gave name and year, and the year that they told."""
    items = list(material.items)
    title_unit, year = "", None
    first = items[0] if items and isinstance(items[0], RawLine) else None
    found = first and _TITLE.match(first.text)
    if first and found and (vocabulary().type_of(found["unit"]) or vocabulary().type_of(first.text)):
        told = re.search(r"20\d\d", found["rest"])
        title_unit, year = found["unit"], int(told[0]) if told else None
        del items[0]
    elif first and _NAME.match(first.text) and vocabulary().type_of(first.text) and not _verb_like(first.text):
        title_unit = first.text
        del items[0]
    if year is None and items and isinstance(items[0], RawLine) and (line := _YEAR_LINE.match(items[0].text)):
        year = int(line[1])
        del items[0]
    if named := heading.unit or material.fields.get("unit", ""):
        return named, tuple(items), year
    of_file = _unit_of_stem(stem)
    if title_unit and not of_file.endswith(title_unit):
        remarks.append(f"单位按第一行读作“{title_unit}”")
        return title_unit, tuple(items), year
    if of_file:
        remarks.append(f"单位按文件名读作“{of_file}”")
        return of_file, tuple(items), year
    raise FactError("没有写明单位名称", place=material.file, remedy="请在文件里加一行“单位：××”，或用 --unit 给出")


def _verb_like(text: str) -> bool:
    return bool(re.match(r"(?:开展|举办|组织|成立|接待|建成|新建|完成|加强|制定|召开|联合)", text))


def _unit_of_stem(stem: str) -> str:
    name = re.sub(r"^[\d\s._\-—]+|20\d\d年?度?|(?:科普)?(?:工作)?(?:总结|事实|数据|素材|材料|台账|情况|汇总|报表|表)", "", stem)
    name = name.strip(" _-—.（）()")
    return name if vocabulary().type_of(name) else ""


def _unit_type(material: Material, heading: Heading, unit: str, remarks: list[str]) -> UnitType:
    if heading.unit_type:
        return heading.unit_type
    names = "、".join(UnitType)
    if said := material.fields.get("unit_type", ""):
        exact = next((t for t in UnitType if t.value == said.strip()), None)
        guess = exact or vocabulary().type_of(said) or next((t for t in UnitType if t.value in said), None)
        if guess is None:
            raise FactError(f"单位类型“{said}”不认识", place=material.file, remedy=f"可用：{names}")
        return guess
    if (guess := vocabulary().type_of(unit)) is None:
        raise FactError(f"从“{unit}”看不出单位类型", place=material.file, remedy=f"请用 --unit-type 给出：{names}")
    remarks.append(f"单位类型按名称判断为“{guess}”，不对请用 --unit-type 给出")
    return guess


def _year(material: Material, heading: Heading, of_title: int | None, stem: str, remarks: list[str]) -> int:
    if heading.year:
        return heading.year
    if said := material.fields.get("year", ""):
        if found := re.search(r"(?:19|20)\d\d", said):
            return int(found[0])
        raise FactError(f"年度“{said}”看不懂", place=material.file, remedy="请写成四位数字，如 2025")
    if of_title:
        remarks.append(f"年度按标题读作{of_title}年")
        return of_title
    if found := re.search(r"(?<!\d)20\d\d(?!\d)", stem):
        remarks.append(f"年度按文件名读作{found[0]}年")
        return int(found[0])
    texts = [i.text if isinstance(i, RawLine) else i.value for i in material.items]
    years = re.findall(r"(?<!\d)(20\d\d)年(?:\d{1,2}月|以来|度|全年)", "\n".join(texts))
    if years and len(set(years)) == 1:
        remarks.append(f"年度按文中日期读作{years[0]}年")
        return int(years[0])
    raise FactError("没有写明年度", place=material.file, remedy="请在文件里加一行“年度：2025”，或用 --year 2025 给出")


def parse_date(said: str, file: str) -> tuple[int, int, int] | None:
    """(year, month, day) of «2026年1月6日», 2026-1-6 or 2026.1.6; None for "".

    Raises:
        FactError: It is no date; `file` is named as the place.
    """
    if not said:
        return None
    found = re.fullmatch(r"\s*(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?\s*", said)
    if not found or not (1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= 31):
        raise FactError(f"成文日期“{said}”看不懂", place=file, remedy="请写成 2026年1月6日")
    return int(found[1]), int(found[2]), int(found[3])
