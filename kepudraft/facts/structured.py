"""YAML and JSON -> lines and records.

Both are read into one tree of lists, pairs and texts, each with its place, before anyone asks what it means: numbers and
dates stay as the person typed them (3.50), a key given twice keeps both values, and YAML aliases are refused so that a
small file cannot unfold into a huge one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kepudraft.errors import FactError
from kepudraft.facts.lines import clean, is_measure
from kepudraft.facts.material import Material, RawLine, RawRecord, refuse_too_many, tidy
from kepudraft.facts.rows import told_event
from kepudraft.facts.vocabulary import bare, vocabulary

_MAX_DEPTH = 20
_NAME_KEYS = ("指标", "指标名称", "name", "item")


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A mapping as it is written."""

    pairs: tuple[tuple[str, _Node], ...]


@dataclass(frozen=True, slots=True)
class _Node:
    """A text, a list or a mapping, and where it stands ("" in JSON)."""

    value: str | tuple[_Node, ...] | _Pairs
    place: str

    @property
    def text(self) -> str:
        """The text; "" for a list or mapping."""
        return self.value if isinstance(self.value, str) else ""


def read_yaml(text: str, file: str) -> Material:
    """A mapping with unit, type, year and a list of facts, each a string or a mapping; or just the list.

    Raises:
        FactError: No YAML, an alias, a tag, or another shape.
    """
    import yaml

    # libyaml, where it is built in, is faster; this loader is the one that is always there.
    loader = yaml.SafeLoader(text)
    try:
        _refuse_events(text, file)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        raise FactError(f"{where}不符合 YAML 格式", place=file, remedy="请检查缩进、冒号后的空格和引号") from error
    except (ValueError, OverflowError) as error:  # an escape such as \\UFFFFFFFF
        raise FactError("有不存在的字符代码，不符合 YAML 格式", place=file, remedy="请直接写文字，不用 \\ 代码") from error
    finally:
        loader.dispose()
    return _material(_of_yaml(root), file)


def read_json(text: str, file: str) -> Material:
    """The same shapes as YAML.

    Raises:
        FactError: No JSON, or another shape.
    """
    try:
        data = json.loads(
            text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=str,
            object_pairs_hook=lambda pairs: _Pairs(tuple((tidy(k).strip(), _of_json(v)) for k, v in pairs)),
        )
        root = _of_json(data)
    except json.JSONDecodeError as error:
        raise FactError(
            f"第{error.lineno}行第{error.colno}列不符合 JSON 格式", place=file, remedy="请检查引号、逗号和括号"
        ) from error
    except RecursionError as error:
        raise FactError("嵌套太深", place=file, remedy="请把事实写成一层列表") from error
    return _material(root, file)


def _refuse_events(text: str, file: str) -> None:
    """Look at the events before anything is built: an alias bomb never unfolds."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise FactError(f"第{line}行用了别名（*），不能读取", place=file, remedy="请把内容直接写出来")
        tag = getattr(event, "tag", None)
        if tag and (not tag.startswith("tag:yaml.org,2002:") or "python" in tag):
            raise FactError(f"第{line}行有程序标签（{tag[:40]}），不能读取", place=file, remedy="请改为普通文字")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise FactError(f"第{line}行嵌套太深", place=file, remedy="请把事实写成一层列表")


def _of_yaml(node: Any) -> _Node:  # noqa: ANN401 - PyYAML nodes are untyped
    import yaml

    if node is None:
        return _Node("", "")
    place = f"第{node.start_mark.line + 1}行"
    if isinstance(node, yaml.SequenceNode):
        return _Node(tuple(_of_yaml(child) for child in node.value), place)
    if isinstance(node, yaml.MappingNode):
        return _Node(_Pairs(tuple((_of_yaml(k).text.strip(), _of_yaml(v)) for k, v in node.value)), place)
    empty = node.tag == "tag:yaml.org,2002:null"
    return _Node("" if empty else tidy(str(node.value)), place)


def _of_json(value: object) -> _Node:
    if isinstance(value, list):
        return _Node(tuple(_of_json(v) for v in value), "")
    if isinstance(value, _Pairs):
        return _Node(value, "")
    if value is None or isinstance(value, bool):
        return _Node({None: "", True: "是", False: "否"}[value], "")
    return _Node(tidy(str(value)), "")


def _material(root: _Node, file: str) -> Material:
    if isinstance(root.value, tuple):
        return Material(file, tuple(_items(root, file, "")))
    if not isinstance(root.value, _Pairs):
        raise FactError("最外层应是“键: 值”或列表", place=file, remedy="请参照 kepudraft init 写出的模板")
    fields: dict[str, str] = {}
    items: list[RawLine | RawRecord] = []
    for key, node in root.value.pairs:
        name = vocabulary().fields.get(key.lower(), "")
        if name == "facts" or not isinstance(node.value, str):
            items += _items(node, file, "" if name == "facts" else key)
        elif name and not (name == "unit" and is_measure(node.value)):
            fields.setdefault(name, node.value.strip())
        elif node.value.strip():
            items.append(_pair(key, node, node.place or f"“{key}”", ""))
    return Material(file, tuple(items), fields)


def _items(node: _Node, file: str, context: str) -> Iterator[RawLine | RawRecord]:
    """The facts of a list, or of a mapping from an indicator's name to its value or columns."""
    if isinstance(node.value, _Pairs):
        for n, (key, inner) in enumerate(node.value.pairs):
            refuse_too_many(n, file)
            place = inner.place or f"{context or '事实'}“{key}”"
            if isinstance(inner.value, str):
                if inner.value.strip():
                    yield _pair(key, inner, place, context)
            elif isinstance(inner.value, tuple):
                yield from _items(inner, file, key)
            else:
                yield from _record(_Pairs((("指标", _Node(key, place)), *inner.value.pairs)), file, place, context)
        return
    for n, item in enumerate(node.value if isinstance(node.value, tuple) else (node,), 1):
        refuse_too_many(n - 1, file)
        yield from _item(item, file, item.place or f"{context or '事实'}第{n}项", context)


def _item(item: _Node, file: str, place: str, context: str) -> Iterator[RawLine | RawRecord]:
    if isinstance(item.value, tuple):
        raise FactError("是列表，应是一句话或“指标、数值”", place=f"{file} {place}", remedy="请去掉一层列表")
    if isinstance(item.value, str):
        if text := clean(item.value):
            yield RawLine(text, place, context)
        return
    pairs = item.value.pairs
    if len(pairs) == 1 and isinstance(pairs[0][1].value, str):
        key, inner = pairs[0]  # «- 问题: 展品老化» in YAML is a mapping, for the clerk a line
        if inner.value and key.lower() not in _NAME_KEYS:
            yield RawLine(clean(f"{key}：{inner.text}"), place, context)
    elif len(pairs) == 1 and isinstance(pairs[0][1].value, tuple):
        yield from _items(pairs[0][1], file, pairs[0][0])  # «- 问题: [展品老化, 辅导员不足]»
    else:
        yield from _record(item.value, file, place, context)


def _pair(key: str, node: _Node, place: str, context: str) -> RawLine | RawRecord:
    """«接待观众: 38.6万人次» as a row, «问题: 展品老化» as a line."""
    if vocabulary().status_of(bare(key), None):
        return RawLine(clean(f"{key}：{node.text}"), place, context)
    return RawRecord(key, clean(node.text), place, context=context)


def _record(item: _Pairs, file: str, place: str, context: str) -> Iterator[RawLine | RawRecord]:
    cells: dict[str, str] = {}
    for key, node in item.pairs:
        column = vocabulary().column(key)
        if not column:
            raise FactError(f"“{key[:20]}”不认识", place=f"{file} {place}", remedy="可用的键：指标、数值、单位、上年、备注")
        if not isinstance(node.value, str):
            raise FactError(f"“{key[:20]}”应是一个值", place=f"{file} {place}", remedy="请写成一个数字或一句话，多个值请拆成多条")
        if cells.setdefault(column, node.value.strip()) != node.value.strip():
            raise FactError(f"“{key[:20]}”写了两次", place=f"{file} {place}", remedy="请只留一个，或拆成两条")
    if cells.get("name") and not cells.get("value") and cells.keys() & {"when", "people"}:
        event = {key: cells.get(key, "") for key in ("when", "where", "people")}
        yield RawLine(told_event(cells["name"], **event), place, context)
        return
    if not cells.get("value"):
        return  # an indicator left empty is no fact
    if not cells.get("name"):
        raise FactError(f"有数值“{cells['value'][:20]}”，没有指标名", place=f"{file} {place}", remedy="请补上，或删除这一项")
    note = "；".join(filter(None, (cells.get("basis", ""), cells.get("note", ""))))
    yield RawRecord(cells["name"], cells["value"], place, cells.get("unit", ""), cells.get("last", ""), note, context)
