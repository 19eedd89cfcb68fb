"""Whatever a file holds: facts or a KepudraftError, in bounded time, and never another error."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kepudraft.errors import KepudraftError
from kepudraft.export.atomic import write_all
from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.figures.scan import scan
from tests.facts.conftest import MUSEUM

SUFFIXES = (".txt", ".md", ".csv", ".tsv", ".yaml", ".json", "")
WORDS = (
    "接待观众", "讲座", "问题：", "明年：", "其中", "（上年", "）", "，", "；", "。", "：", "、", "\n", "\n", "\t",
    ",", "|", '"', "- ", "# ", "一、", "（一）",
    "指标,数值,单位\n", "单位：", "年度：", "万元", "人次", "场", "%", "38.6", "万", "亿", "近", "余", "2025年",
    "9月", "20xx", "#REF!", "存在问题", "总结",
    "江州市科技馆", "facts:\n", "  - ", "{", "}", "[", "]", "&a", "*a", "!!python/x", "\x00", "\x0b", "\u200b",
    "\ufeff", "二", "三千", "１２", "〇", "等奖", "比上年",
)
quick = settings(max_examples=120, deadline=3000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def read_any(data: bytes, suffix: str, heading=MUSEUM):
    with suppress(KepudraftError):
        return with_derived(read_facts_from_bytes(data, suffix=suffix, heading=heading))
    return None


def holds(sheet) -> None:
    """What every sheet that was read must hold."""
    for fact in sheet.facts:
        assert fact.text.strip()
        assert "\n" not in fact.text
        assert fact.figures == scan(fact.text).figures
        fact.text.encode()
        assert fact.source.place
    assert len({f.id for f in sheet.facts}) == len(sheet.facts)


@quick
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_random_bytes(data: bytes, suffix: str):
    if sheet := read_any(data, suffix):
        holds(sheet)


@settings(quick, max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), st.sampled_from(SUFFIXES), st.booleans())
def test_random_text_of_the_kind_clerks_write(text: str, suffix: str, told: bool):
    if sheet := read_any(text.encode(), suffix, MUSEUM if told else None):
        holds(sheet)


@quick
@given(st.text(max_size=200), st.sampled_from(SUFFIXES))
def test_random_text(text: str, suffix: str):
    if sheet := read_any(text.encode("utf-8", "surrogatepass"), suffix):
        holds(sheet)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(WORDS),
    st.sampled_from(["讲座46场", "38.6万", "人次"]))
KEYS = st.sampled_from(["指标", "数值", "单位", "上年", "备注", "name", "value", "facts", "year", "问题", "时间", "人数", "x", ""])
NESTED = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)), max_leaves=20)


@settings(quick, max_examples=250)
@given(NESTED, st.sampled_from([".json", ".yaml"]))
def test_random_nested_data(data: object, suffix: str):
    if sheet := read_any(json.dumps({"facts": data}, ensure_ascii=True).encode(), suffix):
        holds(sheet)


@settings(quick, max_examples=40)
@given(st.lists(st.lists(st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.dates(), st.sampled_from(
    [w for w in WORDS if w.isprintable()])), max_size=6), max_size=8))
def test_random_workbooks(tmp_path, rows):
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    with suppress(KepudraftError):
        holds(read_facts(path, MUSEUM))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "text",
    ["（" * 50_000, "（上年" * 30_000, "其中" * 50_000, "，" * 100_000, "\n" * 100_000, "：" * 100_000, "#" * 100_000, "| " * 50_000, "1." * 50_000,
     "一、" * 50_000,
     '"' * 100_001, "&a " * 30_000, "[" * 100_000, "{" * 50_000, "- " * 50_000, "江州市科技馆" + "总结工作" * 30_000, "2025年度" * 20_000,
     "9" * 100_000, "万" * 100_000, "- a: &x [1]\n" * 10_000, " " * 200_000 + "x", "一二三" * 40_000, "a: {" * 3000,
     "1 " * 60_000, "讲座46场 " * 20_000],
    ids=lambda text: text[:4].strip() or "blank",
)
def test_long_monotony_is_read_in_bounded_time(text: str, suffix: str):
    started = time.process_time()
    read_any(text.encode(), suffix)
    read_any(text.encode(), suffix, None)
    assert time.process_time() - started < 4


def test_a_file_of_many_facts_is_read_in_time():
    text = "\n".join(f"第{n}社区举办讲座{n}场，听众{n}人次（上年{n}场、{n}人次）" for n in range(1, 2500))
    started = time.process_time()
    sheet = read_any(text.encode(), ".txt")
    assert sheet is not None
    assert time.process_time() - started < 5


def test_nothing_that_is_read_cannot_be_written(tmp_path):
    sheet = read_any(("馆校合作学校28所\n" * 30 + "讲座\x0146\u200b场\x1b\n展览\x0b5个").encode(), ".txt")
    assert sheet is not None
    write_all({tmp_path / "a": "".join(f.text for f in sheet.facts).encode()})
    assert all(c.isprintable() for f in sheet.facts for c in f.text)
