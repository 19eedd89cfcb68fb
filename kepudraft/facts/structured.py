"""YAML and JSON -> lines and rows. Aliases are refused, so that a small file cannot unfold into a huge one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kepudraft.errors import FactError
from kepudraft.facts.lines import clean
from kepudraft.facts.material import MAX_ITEMS, Material, RawLine, RawRecord
from kepudraft.facts.vocabulary import vocabulary

_MAX_DEPTH = 20


def read_yaml(text: str, file: str) -> Material:
    """A mapping with unit, type, year and a list of facts, each a string or a mapping; or just the list.

    Raises:
        FactError: No YAML, an alias, or another shape.
    """
    import yaml

    # The events are looked at before anything is built: an alias bomb never unfolds.
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent):
                raise FactError(f"第{line}行用了别名（*），不能读取", place=file, remedy="请把内容直接写出来")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise FactError(f"第{line}行嵌套太深", place=file, remedy="请把事实写成一层列表")
        data = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        raise FactError(f"{where}不符合 YAML 格式", place=file, remedy="请检查缩进、冒号后的空格和引号") from error
    return _material(data, file, _yaml_places(text))


def read_json(text: str, file: str) -> Material:
    """The same shapes as YAML.

    Raises:
        FactError: No JSON, or another shape.
    """
    try:
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise FactError(
            f"第{error.lineno}行第{error.colno}列不符合 JSON 格式", place=file, remedy="请检查引号、逗号和括号"
        ) from error
    except RecursionError as error:
        raise FactError("嵌套太深", place=file, remedy="请把事实写成一层列表") from error
    return _material(data, file, {})


def _loader() -> type:
    """A safe loader that leaves numbers, dates and truth values as the text the person typed (3.50, 2025-01-06, 是)."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        pass

    TextLoader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return TextLoader


def _yaml_places(text: str) -> dict[str, str]:
    """First line on which each non-empty line's content stands, to name the place of a fact."""
    places: dict[str, str] = {}
    for n, line in enumerate(text.splitlines(), 1):
        places.setdefault(clean(line).strip("\"'"), f"第{n}行")
    return places


def _material(data: object, file: str, places: dict[str, str]) -> Material:
    fields: dict[str, str] = {}
    items: list[RawLine | RawRecord] = []
    if isinstance(data, list):
        data = {"facts": data}
    if not isinstance(data, dict):
        raise FactError("最外层应是“键: 值”或列表", place=file, remedy="请参照 kepudraft init 写出的模板")
    for key, value in data.items():
        field = vocabulary().fields.get(str(key).strip().lower(), "")
        if field == "facts" or isinstance(value, list | dict):
            context = "" if field == "facts" else str(key)
            items += _items(value, file, places, context)
        elif field:
            fields[field] = "" if value is None else str(value)
        elif value is not None:
            items.append(RawRecord(str(key), str(value), places.get(f"{key}: {value}", f"“{key}”")))
    return Material(file, tuple(items), fields)


def _items(value: object, file: str, places: dict[str, str], context: str) -> Iterator[RawLine | RawRecord]:
    if isinstance(value, dict):
        value = [{"指标": k, "数值": v} if not isinstance(v, dict) else {"指标": k, **v} for k, v in value.items()]
    if not isinstance(value, list):
        value = [value]
    if len(value) > MAX_ITEMS:
        raise FactError(f"事实超过{MAX_ITEMS}条", place=file, remedy="请只保留本单位本年度的事实")
    for n, item in enumerate(value, 1):
        place = f"{context or '事实'}第{n}项"
        if isinstance(item, dict) and len(item) == 1 and not vocabulary().column(str(next(iter(item)))):
            key, inner = next(iter(item.items()))  # «- 问题: 展品老化» in YAML is a mapping, for the clerk a line
            item = f"{key}：{inner}" if not isinstance(inner, list | dict) else item
        if isinstance(item, dict):
            yield from _record(item, file, place, context)
        elif isinstance(item, list):
            raise FactError(f"{place}是列表，应是一句话或“指标、数值”", place=file, remedy="请去掉一层列表")
        elif item is not None and (text := clean(str(item))):
            yield RawLine(text, places.get(text, place), context)


def _record(item: dict[object, object], file: str, place: str, context: str) -> Iterator[RawRecord]:
    cells: dict[str, str] = {}
    for key, value in item.items():
        column = vocabulary().column(str(key))
        if not column:
            known = "指标、数值、单位、上年、备注"
            raise FactError(f"{place}的“{key}”不认识", place=file, remedy=f"可用的键：{known}")
        if isinstance(value, list | dict):
            raise FactError(f"{place}的“{key}”应是一个值", place=file, remedy="请写成数字或一句话")
        cells[column] = "" if value is None else str(value).strip()
    if not cells.get("value"):
        return  # an indicator left empty is no fact
    if not cells.get("name"):
        raise FactError(f"{place}有数值“{cells['value'][:20]}”，没有指标名", place=file, remedy="请补上，或删除这一项")
    note = "；".join(filter(None, (cells.get("basis", ""), cells.get("note", ""))))
    yield RawRecord(cells["name"], cells["value"], place, cells.get("unit", ""), cells.get("last", ""), note, context)
