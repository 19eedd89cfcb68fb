"""Last year's summary as input: proposals, their confirmation, and nothing used without it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from kepudraft.errors import FactError
from kepudraft.facts.indicators import example_unit, indicators
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.scan import scan
from kepudraft.genre import UnitType
from kepudraft.pipeline import Drafter
from kepudraft.returned.confirming import HEADINGS, read_answers, table, with_confirmed
from kepudraft.returned.last_year import proposals, read_earlier

EARLIER = """江州市科技馆2024年科普工作总结
2024年，江州市科技馆全年接待观众35.4万人次，比上年增长6.1%。现总结如下。
一、主要活动
围绕全国科普日，开展活动29项，吸引公众3.1万人次。
与学校合作，开设馆校结合课程392课时；2023年为350课时。
二、下一步工作计划
全年计划接待观众40万人次，流动科技馆巡展6站。
"""
FACTS = """单位：江州市科技馆
年度：2025
全年接待观众38.6万人次
全国科普月活动32项，参与3.5万人次
馆校结合课程460课时
流动科技馆巡展5站
"""


def sheet_of(text: str = FACTS) -> FactSheet:
    return read_facts_from_bytes(text.encode())


def test_values_of_last_year_are_proposed_with_their_sentence():
    found = {p.fact.id: p for p in proposals(sheet_of(), read_earlier("2024.txt", EARLIER))}
    assert {i: p.value for i, p in found.items()} == {"F1": "35.4万人次", "F2": "29项", "F3": "392课时"}
    assert found["F1"].sentence == "2024年，江州市科技馆全年接待观众35.4万人次，比上年增长6.1%。"
    assert found["F1"].line == 2


def test_plans_changes_and_the_year_before_last_are_no_values_of_last_year():
    values = {v for p in proposals(sheet_of(), read_earlier("x", EARLIER)) for v in (p.value, *p.others)}
    assert values.isdisjoint({"40万人次", "6站", "6.1%", "350课时"})


def test_a_fact_that_has_a_value_keeps_it():
    sheet = sheet_of(FACTS.replace("38.6万人次", "38.6万人次（上年35.5万人次）"))
    assert "F1" not in {p.fact.id for p in proposals(sheet, read_earlier("x", EARLIER))}


@pytest.mark.parametrize(("text", "year"), [
    ("江州市科技馆2024年科普工作总结\n比2023年多，2023年。", 2024),
    ("2023年开展活动。2023年底完成。2024年再做。", 2023), ("没有年份。", None), ("", None),
])
def test_the_year_of_a_summary_is_that_of_its_title_else_the_one_named_most(text, year):
    assert read_earlier("x", text).year == year


def _rows_of_last_year(unit_type: UnitType, *, current: bool) -> FactSheet:
    example = example_unit(unit_type)
    rows = [f"单位：{example.unit}", f"类型：{unit_type}", f"年度：{example.year if current else example.year - 1}", "指标,数值,单位"]
    for i in indicators(unit_type):
        value = i.example if current else i.example_last if i.unit else ""
        if value:
            rows.append(f"{'其中：' if i.of and not i.name.startswith('其中') else ''}{i.name},{value},{i.unit}")
    return read_facts_from_bytes("\n".join(rows).encode(), suffix=".csv")


def test_planted_values_are_found_and_few_others():
    """Last year's summary is drafted from the examples' values of last year; this year's sheet must get them back."""
    found = right = planted = 0
    for unit_type in UnitType:
        now, before = (_rows_of_last_year(unit_type, current=current) for current in (True, False))
        words = {b.text.replace(b.figures[0].surface, ""): b.figures[0] for b in before.facts if b.figures}
        wanted = {f.id: words[key] for f in now.facts if f.figures and (key := f.text.replace(f.figures[0].surface, "")) in words}
        proposed = proposals(now, read_earlier("x", Drafter(seed=3).draft(before).text))
        planted += len(wanted)
        found += len(proposed)
        right += sum(
            p.fact.id in wanted and scan(p.value).figures[0].quantity == wanted[p.fact.id].quantity for p in proposed
        )
    assert planted > 150
    assert right / found >= 0.97
    assert right / planted >= 0.9


def _answered(tmp_path, answers, *, facts: FactSheet | None = None):
    found = proposals(facts or sheet_of(), read_earlier("x", EARLIER))
    book = load_workbook(io.BytesIO(table(found)))
    sheet = book.active
    for n, (answer, instead) in enumerate(answers):
        sheet.cell(3 + n, 5).value, sheet.cell(3 + n, 6).value = answer, instead
    path = tmp_path / "上年数.xlsx"
    book.save(path)
    return path


def test_nothing_is_used_before_a_person_says_yes(tmp_path):
    path = tmp_path / "上年数.xlsx"
    path.write_bytes(table(proposals(sheet_of(), read_earlier("x", EARLIER))))
    answers = read_answers(path)
    assert answers.confirmed == ()
    assert answers.open >= 2
    confirmed = with_confirmed(sheet_of(), answers)
    assert confirmed.facts == sheet_of().facts
    assert "没有确认，没有采用" in confirmed.remarks[-1]


def test_a_confirmed_value_is_compared_in_the_draft(tmp_path):
    path = _answered(tmp_path, [("是", None), ("否", None)])
    sheet = with_confirmed(sheet_of(), read_answers(path))
    assert sheet.fact("F1").last == "35.4万人次"
    assert sheet.fact("F2").last == ""
    assert "9.0%" in Drafter().draft(sheet).text


def test_a_corrected_value_wins_over_the_proposed_one(tmp_path):
    sheet = with_confirmed(sheet_of(), read_answers(_answered(tmp_path, [("是", "35万人次")])))
    assert sheet.fact("F1").last == "35万人次"


def test_an_answer_for_other_facts_is_not_used(tmp_path):
    path = _answered(tmp_path, [("是", None)])
    changed = sheet_of(FACTS.replace("全年接待观众38.6万人次", "全年接待观众39万人次"))
    sheet = with_confirmed(changed, read_answers(path))
    assert all(not f.last for f in sheet.facts)
    assert any("今年的事实里已经没有" in r for r in sheet.remarks)


def test_an_answer_finds_its_fact_at_another_number(tmp_path):
    path = _answered(tmp_path, [("是", None)])
    moved = sheet_of(FACTS.replace("全年接待观众38.6万人次", "开放306天\n全年接待观众38.6万人次"))
    assert with_confirmed(moved, read_answers(path)).fact("F2").last == "35.4万人次"


def test_a_value_that_fits_no_figure_is_told(tmp_path):
    sheet = with_confirmed(sheet_of(), read_answers(_answered(tmp_path, [("是", "很多")])))
    assert any("用不上" in r for r in sheet.remarks)


def test_an_answer_that_says_neither_is_refused_with_its_row(tmp_path):
    with pytest.raises(FactError, match="第3行：“确认”栏写的是“大概”"):
        read_answers(_answered(tmp_path, [("大概", None)]))


def test_what_is_no_table_is_refused_in_words(tmp_path):
    from kepudraft.facts.intake import workbook

    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(UnitType.MUSEUM, year=2025))
    with pytest.raises(FactError, match="不是上年数确认表"):
        read_answers(path)
    path.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(FactError):
        read_answers(path)
    with pytest.raises(FactError, match="找不到文件"):
        read_answers(tmp_path / "none.xlsx")


def test_facts_that_look_like_formulas_stay_text(tmp_path):
    (proposal,) = proposals(sheet_of("单位：江州市科技馆\n年度：2025\n全年接待观众38.6万人次\n"), read_earlier("x", EARLIER))
    hostile = replace(proposal, sentence="=HYPERLINK(\"x\")\x07", fact=replace(proposal.fact, text="=1+1"))
    sheet = load_workbook(io.BytesIO(table([hostile]))).active
    assert [c.value for c in sheet[2]] == list(HEADINGS)
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
