"""The table of indicators, and forms that are handed out, filled in and read back."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from kepudraft.errors import FactError
from kepudraft.facts.indicators import example_unit, find, indicators
from kepudraft.facts.intake import workbook, yaml_form
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.figures.scan import scan
from kepudraft.genre import UnitType

TYPES = list(UnitType)


@pytest.mark.parametrize("unit_type", TYPES)
def test_every_name_and_alias_stands_for_one_indicator(unit_type: UnitType):
    names = [n for i in indicators(unit_type) for n in {i.name, *i.aliases}]
    amounts = [n for i in indicators(unit_type) if i.unit for n in {i.name, *i.aliases}]
    assert len(set(amounts)) == len(amounts)
    assert all(find(unit_type, n) for n in names)
    assert find(unit_type, "没有这个") is None


@pytest.mark.parametrize("unit_type", TYPES)
def test_no_indicator_is_named_like_a_field_of_the_sheet(unit_type: UnitType):
    fields = {name for name, key in vocabulary().fields.items() if key != "facts"}
    assert fields.isdisjoint(n for i in indicators(unit_type) for n in (i.name, *i.aliases))


@pytest.mark.parametrize("unit_type", TYPES)
def test_a_clause_with_its_example_is_one_figure_of_the_unit(unit_type: UnitType):
    for i in indicators(unit_type):
        if i.unit and i.example:
            figures = [f for f in scan(i.say.format(i.example + i.unit)).figures if f.quantity]
            assert len(figures) == 1, i.name


@pytest.mark.parametrize("unit_type", TYPES)
@pytest.mark.parametrize("suffix", [".xlsx", ".yaml"])
def test_a_blank_form_holds_no_facts(tmp_path, unit_type: UnitType, suffix: str):
    path = tmp_path / f"表{suffix}"
    path.write_bytes(workbook(unit_type, year=2025, unit="江州单位") if suffix == ".xlsx" else yaml_form(unit_type,
        year=2025, unit="江州单位").encode())
    with pytest.raises(FactError, match="没有读到任何事实") as caught:
        read_facts(path)
    assert "填" in caught.value.remedy


@pytest.mark.parametrize("unit_type", TYPES)
def test_a_filled_form_is_read_back_as_it_was_filled(tmp_path, unit_type: UnitType):
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook(unit_type, year=2025, filled=True))
    from_book = read_facts(path)
    from_yaml = read_facts_from_bytes(yaml_form(unit_type, year=2025, filled=True).encode(), suffix=".yaml")
    for sheet in (from_book, from_yaml):
        assert (sheet.unit, sheet.unit_type, sheet.year) == (example_unit(unit_type).unit, unit_type, example_unit(unit_type).year)
    same = [[(f.text, f.last, f.role, f.topic, f.status) for f in s.facts] for s in (from_book, from_yaml)]
    assert same[0] == same[1]
    told = {f.text: f for f in from_book.facts}
    for i in indicators(unit_type):
        if i.unit and i.example:
            fact = told[i.say.format(i.example + i.unit)]
            assert fact.last == (i.example_last + i.unit if i.example_last else ""), i.name
            assert (fact.role, fact.topic, fact.headline) == (i.role, i.topic, i.headline)
            assert bool(fact.part_of) == bool(i.of), i.name


@pytest.mark.parametrize("unit_type", TYPES)
def test_the_form_checks_what_is_typed(unit_type: UnitType):
    book = load_workbook(io.BytesIO(workbook(unit_type, year=2025)))
    sheet = book["填写"]
    rules = {str(r.type): r for r in sheet.data_validations.dataValidation}
    assert rules["list"].formula1 == '"' + ",".join(UnitType) + '"'
    assert "C4" in str(rules["whole"].sqref)
    amounts = [n for n, i in enumerate(indicators(unit_type), 7) if i.unit]
    assert all(f"C{n}" in rules["decimal"].sqref for n in amounts)
    assert [c.value for c in sheet[6]] == ["指标", "单位", "本年", "上年", "口径", "来源", "备注"]
    assert book.sheetnames == ["填写", "示例", "填写说明"]
    assert [c.value for c in book["示例"][6]] == [c.value for c in sheet[6]]


def test_a_form_filled_by_hand(tmp_path):
    book = load_workbook(io.BytesIO(workbook(UnitType.MUSEUM, year=2025, unit="云岭县科技馆")))
    sheet = book["填写"]
    rows = {str(r[0].value).removeprefix("其中："): r[0].row for r in sheet.iter_rows(min_row=7)}
    sheet.cell(rows["常设展品"], 3, 96.0)
    sheet.cell(rows["常设展品"], 4, "92")
    sheet.cell(rows["科普经费"], 3, "约182.5")
    sheet["C5"] = "2026-01-06"
    path = tmp_path / "填好.xlsx"
    book.save(path)
    read = read_facts(path)
    assert [(f.text, f.last, f.source.place) for f in read.facts] == [
        ("投入科普经费约182.5万元", "", f"填写!C{rows['科普经费']}"), ("共有常设展品96件", "92件", f"填写!C{rows['常设展品']}"),
    ]
    assert read.date == (2026, 1, 6)
