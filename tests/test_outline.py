"""The outline: every fact in exactly one place, sections in the type's order, needed ones always there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import Role, load_genre
from kepudraft.outline import Outline, SectionPlan, plan
from kepudraft.settings import shipped
from tests.conftest import SHEETS


def sheet_of(*lines: str, unit: str = "江州市科技馆") -> FactSheet:
    return with_derived(read_facts_from_bytes("\n".join([f"单位：{unit}", "年度：2025", *lines]).encode()))


def outline_of(sheet: FactSheet, **options: int) -> Outline:
    return plan(sheet, load_genre(shipped("corpus")), **options)


def leaves(section: SectionPlan) -> tuple[SectionPlan, ...]:
    return section.parts or (section,)


def section(outline: Outline, role: Role) -> SectionPlan:
    return next(s for s in outline.sections if s.role is role)


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_every_fact_is_placed_once_or_listed(path: Path):
    sheet = with_derived(read_facts(path))
    outline = outline_of(sheet)
    placed = [i for s in outline.sections for leaf in leaves(s) for i in leaf.fact_ids]
    listed = [u.fact_id for u in outline.unused]
    assert sorted(placed + listed) == sorted(f.id for f in sheet.facts)
    for s in outline.sections:
        assert sorted(i for leaf in leaves(s) for i in leaf.fact_ids) == sorted(s.fact_ids)
        for leaf in leaves(s):
            assert sorted(i for group in leaf.topics for i in group) == sorted(leaf.fact_ids)


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_sections_stand_in_the_types_order_with_all_that_it_needs(path: Path):
    sheet = read_facts(path)
    form = load_genre(shipped("corpus")).types[sheet.unit_type]
    roles = [s.role for s in outline_of(sheet).sections]
    assert set(form.needed) <= set(roles)
    known = [r for r in roles if r in form.order]
    assert known == sorted(known, key=form.order.index)


def test_a_computed_fact_stands_with_its_input():
    outline = outline_of(sheet_of("科普讲座46场（上年40场）", "展品286件"))
    home = next(s for s in outline.sections if "F1" in s.fact_ids)
    assert "D1" in home.fact_ids


def test_problems_and_plans_go_to_their_sections_whatever_they_speak_of():
    outline = outline_of(sheet_of("接待观众38.6万人次", "问题：志愿者老化，60岁以上的41人", "明年：举办讲座30场"))
    assert section(outline, Role.PROBLEMS).fact_ids == ("F2",)
    assert section(outline, Role.PLANS).fact_ids == ("F3",)


def test_a_needed_section_without_facts_is_planned_empty_and_others_are_left_out():
    outline = outline_of(sheet_of("接待观众38.6万人次", "开放306天"))
    assert section(outline, Role.TEAM).fact_ids == ()
    assert Role.RURAL not in [s.role for s in outline.sections]


def test_a_total_of_the_year_opens_the_summary():
    outline = outline_of(sheet_of("开展科普活动120场次", "全年接待观众38.6万人次，其中未成年人21.2万人次", "展品286件"))
    assert section(outline, Role.OVERVIEW).fact_ids == ("F2",)


def test_a_masked_figure_is_listed_with_its_reason():
    sheet = sheet_of("举办讲座46场", "参加群众300多人")
    masked = replace(sheet.facts[1], text="参加群众xx多人", figures=())
    outline = outline_of(replace(sheet, facts=(sheet.facts[0], masked)))
    assert [u.fact_id for u in outline.unused] == ["F2"]
    assert "补全" in outline.unused[0].reason


def test_what_was_not_done_is_listed_and_not_told():
    outline = outline_of(sheet_of("举办讲座46场", "科技列车行未安排"))
    assert [u.fact_id for u in outline.unused] == ["F2"]
    assert "没有做" in outline.unused[0].reason


def test_the_visitors_of_the_activities_open_with_them():
    outline = outline_of(sheet_of("举办讲座9场", "开展科普活动120场次", "参加科普活动的公众1.6万人次", unit="云岭县科学技术协会"))
    assert section(outline, Role.OVERVIEW).fact_ids == ("F2", "F3")


def test_what_the_unit_is_and_one_total_open_the_summary_of_a_community():
    outline = outline_of(sheet_of("宣传栏6处", "辖区居民4860户", "讲座24场", "义诊12次", unit="梧桐里社区"))
    assert set(section(outline, Role.OVERVIEW).fact_ids) == {"F2", "F3"}


def test_what_opens_for_want_of_better_leaves_no_needed_section_empty():
    outline = outline_of(sheet_of("全村612户", "果树栽培培训6期", "宣传栏6处", unit="石榴园村"))
    assert section(outline, Role.OVERVIEW).fact_ids == ("F1",)
    assert section(outline, Role.ACTIVITIES).fact_ids == ("F2",)


def test_a_needed_section_takes_its_own_from_under_another_heading():
    outline = outline_of(sheet_of("二、条件", "展厅620平方米", "专职2人、兼职9人", unit="江州湿地植物园"))
    assert section(outline, Role.TEAM).fact_ids == ("F2",)
    led = outline_of(sheet_of("二、条件", "展厅620平方米", "专职2人、兼职9人", "志愿者58人", "三、队伍", "讲解员3人", unit="江州湿地植物园"))
    assert section(led, Role.VENUES).fact_ids == ("F1", "F2", "F3")


def test_several_parts_of_a_total_stay_in_their_own_section():
    outline = outline_of(sheet_of("开展科普活动120场次", "其中：讲座30场次", "其中：展览90场次", "展品286件"))
    assert section(outline, Role.OVERVIEW).fact_ids == ("F1",)


def test_events_stand_together_whatever_else_they_speak_of():
    outline = outline_of(sheet_of("9月科普月活动5场", "发放资料800份", "5月科技活动周，发放资料300份", "义诊3次", unit="梧桐里社区"))
    groups = [set(t) for t in section(outline, Role.ACTIVITIES).topics]
    assert {"F1", "F3"} in groups


def test_brackets_do_not_tell_the_topic():
    outline = outline_of(sheet_of("发放资料5200份（含科技活动周）", "科普月活动5场", unit="梧桐里社区"))
    assert [set(t) for t in section(outline, Role.ACTIVITIES).topics] == [{"F2"}, {"F1"}]


def test_prizes_that_the_unit_gives_are_no_honours_of_its_own():
    outline = outline_of(sheet_of("征集论文112篇，评出优秀论文一等奖4篇、二等奖8篇", "市级先进学会", unit="江州市气象学会"))
    assert section(outline, Role.RESULTS).fact_ids == ("F2",)


def test_statements_of_one_line_stay_together():
    outline = outline_of(sheet_of("馆校结合学校28所；上课460课时；学生1.9万人次", "接待观众3万人次"))
    assert section(outline, Role.YOUTH).fact_ids == ("F1", "F2", "F3")


def test_a_section_with_many_facts_is_split_by_topic_under_parallel_headings():
    lines = [f"科普讲座第{n}系列{n + 10}场" for n in range(1, 6)] + [f"发放第{n}种资料{n}00份" for n in range(1, 6)]
    activities = section(outline_of(sheet_of(*lines)), Role.ACTIVITIES)
    assert [p.heading for p in activities.parts] == ["讲座与培训", "科普宣传与便民服务"]


def test_targets_follow_the_material_and_the_wish():
    sheet = read_facts(SHEETS[0])
    usual, long = outline_of(sheet), outline_of(sheet, target_chars=5000)
    assert sum(s.target_chars for s in long.sections) > sum(s.target_chars for s in usual.sections)
