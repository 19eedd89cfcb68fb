"""A roll-up adds what can be added, shows the parts, and tells what must be looked at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from kepudraft.batch import BatchOptions, DraftOptions, run_batch
from kepudraft.batch.measures import measures
from kepudraft.batch.rollup import roll_up
from kepudraft.batch.rollup_checks import Kind
from kepudraft.errors import InputError
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.pipeline import Drafter
from tests.batch.conftest import line

UNIT = "江州市科学技术协会"


def _source(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "units.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _plain(n: int, **more: str) -> str:
    facts = [f"讲座{20 + n}场，听众{1000 + 10 * n}人次（上年{19 + n}场、{990 + 10 * n}人次）", f"志愿者{60 + n}人，其中医生{n + 1}人"]
    return line(f"{'甲乙丙丁戊己庚'[n]}社区", *facts, *more.values())


@pytest.mark.parametrize(("text", "name", "unit", "value"), [
    ("讲座24场", "科普讲座", "场", 24), ("举办科普讲座24场", "科普讲座", "场", 24), ("讲座24场，听众1380人次", "科普讲座听众", "人次", 1380),
    ("投入科普经费8.5万元", "科普经费", "元", 85000), ("志愿者68人，其中医生21人", "其中：医生", "人", 21),
    ("图书室藏书3200册，今年添350册", "科普图书新增", "册", 350),
    ("全国科普月：9月，活动5场", "全国科普月", "场", 5),
])
def test_what_a_figure_measures_whatever_the_clerk_calls_it(text: str, name: str, unit: str, value: int):
    sheet = read_facts_from_bytes(f"单位：梧桐里社区\n年度：2025\n{text}\n".encode(), suffix=".txt")
    assert (name, unit, value) in [(m.name, m.unit, m.value) for m in measures(sheet)]


def test_totals_are_formulas_with_results_that_a_draft_is_made_from(tmp_path: Path):
    made = roll_up(_source(tmp_path, *(_plain(n) for n in range(5))), unit=UNIT)
    path = tmp_path / "city.xlsx"
    path.write_bytes(made.workbook)
    formulas, values = load_workbook(path)["汇总"], load_workbook(path, data_only=True)["汇总"]
    at = next(r for r in range(1, 30) if values.cell(r, 1).value == "科普讲座")
    assert formulas.cell(at, 2).value == "=SUM('分单位'!C2:C6)"
    assert values.cell(at, 2).value == 20 * 5 + 10
    assert values.cell(at, 4).value == 19 * 5 + 10
    parts = load_workbook(path)["分单位"]
    assert [parts.cell(r, 3).value for r in range(2, 7)] == [20, 21, 22, 23, 24]
    draft = Drafter().draft(read_facts(path))
    assert draft.report.ok
    assert "110场" in draft.text
    assert any(f.formula for f in draft.sheet.facts)  # against last year's total
    assert not any("备注" in r for r in draft.sheet.remarks)


def test_the_output_of_a_batch_rolls_up_to_the_same(tmp_path: Path):
    source = _source(tmp_path, *(_plain(n) for n in range(5)))
    run_batch(source, tmp_path / "out", BatchOptions(draft=DraftOptions((".md",)), workers=0))
    assert roll_up(tmp_path / "out", unit=UNIT).totals == roll_up(source, unit=UNIT).totals


def test_units_with_formulas_for_names_stay_text(tmp_path: Path):
    lines = [line("=cmd|'/c calc'!A1社区", "讲座3场", "发放资料10份"), line("+1+1社区", "讲座4场", "发放资料11份")]
    path = tmp_path / "city.xlsx"
    path.write_bytes(roll_up(_source(tmp_path, *lines), unit=UNIT).workbook)
    cell = load_workbook(path)["分单位"]["A2"]
    assert (cell.data_type, cell.value) == ("s", "=cmd|'/c calc'!A1社区")


@pytest.mark.parametrize(("kind", "facts", "told"), [
    (Kind.BASIS, {2: ("讲座22场，听众1010人",)}, "按“人”报（丙社区）"),
    (Kind.MISSING, {2: ("志愿者62人，其中医生3人",)}, "1个没有报（丙社区）"),
    (Kind.ROUGH, {2: ("讲座22场，听众近1000人次", "志愿者62人，其中医生3人")}, "丙社区填的是约数"),
    (Kind.OUTLIER, {2: ("讲座22场，听众91020人次（上年21场、1010人次）", "志愿者62人，其中医生3人")},
     "丙社区：科普讲座听众本年9.1万人次，上年1010人次"),
    (Kind.JOINT, {1: ("9月20日，在人民公园举办全国科普月启动仪式，参加320人次",),
                  2: ("9月20日，全国科普月启动仪式在人民公园举办，320人次参加",)}, "像是同一次"),
    (Kind.SAME_TEXT, {1: ("问题：活动室设施陈旧，缺少专职人员和稳定的经费来源",),
                      2: ("问题：活动室设施陈旧，缺少专职人员和稳定的经费来源",)}, "一字不差"),
])
def test_what_must_be_looked_at_before_anyone_adds(tmp_path: Path, kind: Kind, facts: dict[int, tuple[str, ...]], told: str):
    replaced = kind in (Kind.BASIS, Kind.MISSING, Kind.ROUGH, Kind.OUTLIER)
    lines = [_plain(n) for n in range(5)]
    for n, own in facts.items():
        lines[n] = line(f"{'甲乙丙丁戊'[n]}社区", *own) if replaced else _plain(n, **{str(i): f for i, f in enumerate(own)})
    found = [f.told for f in roll_up(_source(tmp_path, *lines), unit=UNIT).findings if f.kind is kind]
    assert any(told in f for f in found), found


def test_alike_units_give_nothing_to_look_at(tmp_path: Path):
    assert roll_up(_source(tmp_path, *(_plain(n) for n in range(5))), unit=UNIT).findings == ()


def test_a_rough_part_makes_a_rough_total(tmp_path: Path):
    lines = [_plain(0), line("乙社区", "讲座22场，听众近1000人次")]
    path = tmp_path / "city.xlsx"
    path.write_bytes(roll_up(_source(tmp_path, *lines), unit=UNIT).workbook)
    assert "约2000人次" in Drafter().draft(read_facts(path)).text


def test_years_are_not_mixed_and_nothing_is_added_up_in_silence(tmp_path: Path):
    with pytest.raises(InputError, match="年度不同"):
        roll_up(_source(tmp_path, _plain(0), line("乙社区", "讲座3场", year=2024)), unit=UNIT)
    made = roll_up(_source(tmp_path, _plain(0), _plain(1), line("丙社区", "讲座24")), unit=UNIT)
    assert made.failed == 1
    assert made.findings[0].kind is Kind.FAILED
    with pytest.raises(InputError, match="unit-type"):
        roll_up(_source(tmp_path, _plain(0)), unit="某某")
