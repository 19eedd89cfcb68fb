"""Facts corrected in a clerk's words."""

from __future__ import annotations

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.sheet import Status
from kepudraft.genre import UnitType
from kepudraft.session.corrections import corrected, is_correction
from kepudraft.session.intake import take_text
from kepudraft.session.work import Work


@pytest.fixture
def work() -> Work:
    empty = Work(unit="梧桐里社区", unit_type=UnitType.COMMUNITY, year=2025)
    return take_text(empty, "讲座44场，听众1380人次（上年40场）\n志愿者68人\n经费3.6万元\n3月5日义诊\n读书会12次120人次、亲子活动8次96人次").work


@pytest.mark.parametrize(("line", "text"), [
    ("F2 改为 72人", "志愿者72人"), ("F2改为72", "志愿者72人"), ("f2：72人", "志愿者72人"), ("Ｆ２ 改成 72人", "志愿者72人"),
    ("F2不对，应为72人", "志愿者72人"), ("把F2改成72人。", "志愿者72人"), ("F2 68人 改为 72人", "志愿者72人"),
    ("F2 改为 注册志愿者72人", "注册志愿者72人"),
    ("F2 改为 近70人", "志愿者近70人"), ("F2 改为 72名", "志愿者72名"), ("F3 改为 4万元", "经费4万元"), ("F3 改为 36000元", "经费36000元"),
    ("F1 改为 46场", "讲座46场，听众1380人次"), ("F1 改为 46场次", "讲座46场，听众1380人次"), ("F1 改为 1400人次", "讲座44场，听众1400人次"),
    ("F1 1380人次 改为 1400", "讲座44场，听众1400人次"), ("F1 讲座 改为 科普讲座", "科普讲座44场，听众1380人次"),
    ("F5 12次 改为 13次", "读书会13次120人次、亲子活动8次96人次"),
])  # fmt: skip
def test_a_figure_is_put_in_place_of_the_one_it_stands_for(work: Work, line: str, text: str):
    assert is_correction(line)
    made = corrected(work, line)
    number = line.lstrip("把")[1].translate(str.maketrans("２", "2"))
    fact = made.work.fact(f"F{number}")
    assert fact is not None
    assert fact.text == text
    assert fact.source.place.endswith("本人更正")
    assert [f.surface for f in fact.figures] == [fact.text[f.span.start : f.span.end] for f in fact.figures]


@pytest.mark.parametrize(("line", "said"), [
    ("F5 改为 13次", "不知道改哪一个"), ("F2 改为 72场", "不是这个单位"), ("F9 改为 1人", "没有 F9"), ("F2 70人 改为 72人", "里没有"),
    ("F3 上年 5场", "单位不同"), ("随便说说", "看不懂"), ("F2 改为 万元", "缺失"),
])  # fmt: skip
def test_what_cannot_be_told_apart_is_asked_back(work: Work, line: str, said: str):
    with pytest.raises(FactError, match=said):
        corrected(work, line)


def test_last_years_value_status_and_removal(work: Work):
    assert corrected(work, "F2 上年60人").work.fact("F2").last == "60人"
    assert corrected(work, "F2上年为60").work.fact("F2").last == "60人"
    assert corrected(work, "F1 上年 无").work.fact("F1").last == ""
    assert corrected(work, "F2 是计划").work.fact("F2").status is Status.PLANNED
    assert corrected(work, "F2 是问题").work.fact("F2").status is Status.PROBLEM
    for line in ("删除 F2", "F2 删掉", "把F2删掉", "不要F2了"):
        assert corrected(work, line).work.fact("F2") is None, line


def test_ids_are_never_given_twice(work: Work):
    last = work.facts[-1].id
    without = corrected(work, f"删除 {last}").work
    added = corrected(without, "增加 藏书3200册").work
    assert added.facts[-1].text == "藏书3200册"
    assert added.facts[-1].id not in {f.id for f in work.facts}


@pytest.mark.parametrize("line", ["F1", "讲座44场", "明年：讲座30场", "FM广播3次", "F", "全部"])
def test_other_lines_are_no_corrections(line: str):
    assert not is_correction(line)
