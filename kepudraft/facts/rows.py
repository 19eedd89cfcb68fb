"""Table rows -> records and lines, whatever file they came from: the heading row tells the columns, shape tells the rest.

Three shapes are known: a heading with indicator and value; an activity ledger (时间 活动名称 地点 人数); and rows without
heading, whose second cell is the value. All else is read as prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from kepudraft.errors import FactError
from kepudraft.facts.lines import clean, gather, is_heading, is_measure, split_label
from kepudraft.facts.material import Material, RawLine, RawRecord, refuse_formula_error, refuse_too_many
from kepudraft.facts.vocabulary import bare, vocabulary

_UNIT_IN_NAME = re.compile(r"[（(]\s*(单位[：:])?\s*([^（()）\d]{1,6})\s*[)）]\s*$")
_YEAR_HEAD = re.compile(r"(20\d\d)年?[^月日]{0,8}")
_SERIAL = re.compile(r"\d{1,3}[.、．]?|[一二三四五六七八九十]{1,3}[、．]?")
_SERIAL_HEAD = frozenset(("序号", "编号"))
_NAMED_FEW = 5
_MAX_NAME = 14  # characters of an indicator's name


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        place: Of the row (第3行, 指标!第3行).
        cells: As text, "" for an empty one.
        places: Of every cell, in the table's own terms.
        exact: True if a fact's place is its value cell (Excel), not its row.
        spread: Columns whose text stands in a cell merged with the row above, and the merged area's name.
    """

    place: str
    cells: tuple[str, ...]
    places: tuple[str, ...]
    exact: bool = False
    spread: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    """What is known of a table while its rows are read."""

    file: str
    made: Material
    columns: dict[str, int] = field(default_factory=dict)
    width: int = 0
    unit: str = ""  # «单位：万元» above the heading
    people: str = "人"  # what a ledger's column of people counts
    blank: list[str] = field(default_factory=list)

    def add(self, *items: RawLine | RawRecord, remarks: Sequence[str] = ()) -> None:
        refuse_too_many(len(self.made.items), self.file)
        self.made = replace(self.made, items=(*self.made.items, *items), remarks=(*self.made.remarks, *remarks))

    def prose(self, row: Row, text: str) -> None:
        self.made = self.made.joined(gather([(row.place, text)], self.file))

    def take_field(self, name: str, value: str, row: Row) -> bool:
        """True if the row says something of the whole sheet (单位名称, 年度) instead of a fact."""
        key = vocabulary().fields.get(bare(name).lower(), "")
        if not key or key == "facts":
            return False
        if key == "ignore" or (key == "unit" and is_measure(value)):
            self.unit = value if key == "unit" else self.unit
            if value:
                self.add(remarks=[f"{row.place}“{name}：{value[:20]}”不是事实，没有使用"])
        elif value:
            self.made.fields.setdefault(key, value)
        return True


def from_rows(rows: Iterable[Row], file: str) -> Material:
    """Material of a table's rows.

    Raises:
        FactError: A formula error, a value in a merged cell, a value without name, more cells than headings, or too many rows.
    """
    table = _Table(file, Material(file, ()))
    for n, row in enumerate(rows):
        refuse_too_many(n, file)
        filled = [i for i, c in enumerate(row.cells) if c]
        if not filled or all(i in row.spread for i in filled):
            continue
        for i in filled:
            refuse_formula_error(row.cells[i], f"{file} {row.places[i]}")
        if heads := _heads(row.cells):
            _open(table, row, heads)
        elif table.columns:
            _under_heading(table, row)
        else:
            _without_heading(table, row, filled)
    if table.blank:
        table.add(remarks=[_told_blank(table.blank)])
    return table.made


def told_event(name: str, *, when: str = "", where: str = "", people: str = "", counted: str = "人") -> str:
    """An activity of a list in words: 3月5日学雷锋科普活动（文化广场），参与200人次.

    Args:
        name: What was done.
        when: Date as written.
        where: Place.
        people: How many took part, with or without its unit.
        counted: The unit where it has none.
    """
    told = f"{when}{name}" + (f"（{where}）" if where else "")
    if not people:
        return told
    return f"{told}，参与{people}" + (counted if re.fullmatch(r"[约近]?[\d,.]+万?[余多+＋]?", people) else "")


def _heads(cells: Sequence[str]) -> dict[str, int]:
    """Columns of a heading row by what they hold; {} for any other row."""
    known: dict[str, int] = {}
    for i, cell in enumerate(cells):
        if key := vocabulary().column(cell):
            known.setdefault(key, i)
    if "name" in known:
        known |= _year_heads(cells, known)
    if "name" in known and ("value" in known or "people" in known or "when" in known):
        return known
    return {}


def _year_heads(cells: Sequence[str], known: dict[str, int]) -> dict[str, int]:
    """2025年 beside 2024年 are this year's and last year's columns; an older year is left out."""
    years = {int(m[1]): i for i, c in reversed(list(enumerate(cells))) if (m := _YEAR_HEAD.fullmatch(bare(c)))}
    if not years:
        return {}
    high = max(years)
    if "value" in known:
        return {"last": years[high]} if "last" not in known else {}
    return {"value": years[high]} | ({"last": years[high - 1]} if high - 1 in years else {})


def _open(table: _Table, row: Row, heads: dict[str, int]) -> None:
    table.columns = heads
    table.width = len(row.cells)
    if "people" in heads:
        table.people = "人次" if "次" in row.cells[heads["people"]] else "人"
    if "value" in heads and (year := _YEAR_HEAD.fullmatch(bare(row.cells[heads["value"]]))):
        table.made.fields.setdefault("column_year", year[1])
    used = set(heads.values())
    lost = [c for i, c in enumerate(row.cells) if c and i not in used and vocabulary().column(c) == ""]
    if lost:
        table.add(remarks=[f"{row.place}的列“{'、'.join(lost[:_NAMED_FEW])}”不认识，没有读取"])


def _under_heading(table: _Table, row: Row) -> None:
    row = _resplit(row)
    cells = _Cells(table, row)
    if not row.exact and len(row.cells) > table.width and any(row.cells[table.width:]):
        raise FactError(
            f"有{len(row.cells)}列，表头只有{table.width}列", place=f"{table.file} {row.place}",
            remedy="数值里如有逗号（386,000），请去掉逗号或给这一格加引号",
        )
    name, value = cells["name"], cells["value"]
    if table.take_field(name, value, row) or vocabulary().fields.get(bare(split_label(name)[0]).lower()) == "ignore":
        return
    if "value" not in table.columns:
        _ledger(table, row, cells)
    elif not value:
        _valueless(table, row, name)
    else:
        table.add(_record(table, row, cells))


def _resplit(row: Row) -> Row:
    """«接待观众，38.6万，人次» among rows with half-width commas: an input method slipped in."""
    if len([c for c in row.cells if c]) != 1 or row.exact or "，" not in row.cells[0]:
        return row
    cells = tuple(c.strip() for c in row.cells[0].split("，"))
    if re.search(r"\d", cells[0]) or not re.match(r"[约近]?\d", cells[1]):
        return row  # a sentence in the first column
    return replace(row, cells=cells, places=(row.place,) * len(cells))


def _valueless(table: _Table, row: Row, name: str) -> None:
    """A row with a name and no value: an indicator left empty, a section's name, or a statement in the first column."""
    others = [c for i, c in enumerate(row.cells) if c and i != table.columns["name"]]
    if not name or (is_heading(name) and not others):
        return
    if not others and (re.search(r"[，。；：:]", name) or (re.search(r"\d", name) and not _SERIAL.match(name))):
        table.prose(row, name)
    else:
        table.blank.append(name)


def _told_blank(names: list[str]) -> str:
    shown = "、".join(n[:16] for n in names[:_NAMED_FEW])
    return f"有{len(names)}行没有填数值，没有使用：{shown}{'等' if len(names) > _NAMED_FEW else ''}"


class _Cells:
    """A row's cells by what they hold; refuses the value of a cell that was merged over several rows."""

    def __init__(self, table: _Table, row: Row) -> None:
        self._table, self._row = table, row

    def __getitem__(self, key: str) -> str:
        i = self._table.columns.get(key, -1)
        if not 0 <= i < len(self._row.cells):
            return ""
        if key in ("value", "last", "people"):
            _refuse_spread(self._table, self._row, i)
        return self._row.cells[i]

    def place(self, key: str) -> str:
        return self._row.places[self._table.columns[key]]


def _record(table: _Table, row: Row, cells: _Cells) -> RawRecord:
    name, value, unit = _named(cells["name"]), cells["value"], cells["unit"]
    if not name:
        raise FactError(f"数值“{value[:20]}”前面没有指标名", place=f"{table.file} {cells.place('value')}", remedy="请在同一行填写指标名")
    if re.fullmatch(r"\d{3}(?:\.\d+)?", unit) and re.fullmatch(r"\d{1,3}", value):
        raise FactError(
            f"“{name}”的数值{value},{unit}被逗号拆成了两格", place=f"{table.file} {row.place}", remedy="请去掉逗号或给这一格加引号"
        )
    if not unit and (found := _UNIT_IN_NAME.search(name)) and (found[1] or is_measure(found[2])):
        unit, name = found[2], name[: found.start()].strip()
    note = "；".join(filter(None, (cells["basis"], cells["note"])))
    return RawRecord(name, value, cells.place("value") if row.exact else row.place, unit or table.unit, cells["last"], note)


def _named(cell: str) -> str:
    """An indicator's name without its number (1.接待观众) and the line breaks of a narrow column."""
    return clean(cell.replace("\n", "")) or cell


def _ledger(table: _Table, row: Row, cells: _Cells) -> None:
    """A row of a list of activities: «3月5日学雷锋科普活动（文化广场），参与200人次»."""
    if not cells["name"]:
        table.prose(row, " ".join(c for c in row.cells if c))
        return
    told = told_event(cells["name"], when=cells["when"], where=cells["where"], people=cells["people"], counted=table.people)
    table.add(RawLine(told, row.place))


def _without_heading(table: _Table, row: Row, filled: list[int]) -> None:
    if len(filled) > 1 and _SERIAL.fullmatch(row.cells[filled[0]]):
        filled = filled[1:]
    cells = [row.cells[i] for i in filled]
    if len(cells) == 1 or any(vocabulary().fields.get(bare(split_label(c)[0]).lower()) for c in cells):
        for cell in cells:  # «单位：江州市科技馆» and «年度：2025» may stand side by side
            _loose(table, row, cell)
    elif table.take_field(cells[0], cells[1], row):
        return
    elif len(cells) in (2, 3) and re.search(r"\d", cells[1]):
        _refuse_spread(table, row, filled[1])
        at = row.places[filled[1]] if row.exact else row.place
        table.add(RawRecord(_named(cells[0]), cells[1], at, cells[2] if len(cells) == 3 else table.unit))
    elif pairs := _pairs(cells):
        table.add(*(RawRecord(name, value, row.place) for name, value in pairs))
    elif any(vocabulary().column(c) == "ignore" for c in cells[:1]) or _SERIAL_HEAD.intersection(row.cells):
        table.add(remarks=[f"{row.place}“{'、'.join(cells)[:30]}”像表头，但没有“数值”一列，下面各行按文字读"])
    else:
        table.prose(row, ("：" if len(cells) == 2 else "，").join(cells))


def _pairs(cells: list[str]) -> list[tuple[str, str]]:
    """«开放天数 260天 接待人数 5.6万人次»: a form with several indicators in a row; [] for any other row."""
    names, values = cells[::2], cells[1::2]
    paired = len(cells) >= 4 and len(names) == len(values)
    if not paired or any(re.search(r"\d", n) or len(n) > _MAX_NAME for n in names) or not all(re.search(r"\d", v) for v in values):
        return []
    return list(zip(names, values, strict=True))


def _loose(table: _Table, row: Row, cell: str) -> None:
    label, rest = split_label(cell)
    if not (table.take_field(label, rest, row) if label else table.take_field(cell, "", row)):
        table.prose(row, cell)


def _refuse_spread(table: _Table, row: Row, column: int) -> None:
    if column in row.spread:
        raise FactError(
            f"合并单元格里的“{row.cells[column][:20]}”不知道属于哪一行",
            place=f"{table.file} {row.spread[column]}", remedy="请取消合并，逐行填写",
        )
