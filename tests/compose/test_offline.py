"""Whole passages and drafts: nothing lost, nothing claimed, the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.compose.offline import compose, plain
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet, Status
from kepudraft.genre import Role, load_genre
from kepudraft.outline import Outline, plan
from kepudraft.pipeline import Drafter
from kepudraft.settings import shipped
from tests.conftest import ROOT, SHEETS

GENRE = load_genre(shipped("corpus"))


def sheet_of(*lines: str, unit: str = "江州市科技馆") -> FactSheet:
    return with_derived(read_facts_from_bytes("\n".join([f"单位：{unit}", "年度：2025", *lines]).encode()))


def passages(sheet: FactSheet, seed: int = 0) -> list[tuple[Role, Passage]]:
    outline: Outline = plan(sheet, GENRE)
    leaves = [leaf for s in outline.sections for leaf in (s.parts or (s,))]
    return [(leaf.role, compose(leaf, sheet, GENRE, seed=seed)) for leaf in leaves]


def text_of(sheet: FactSheet, role: Role, seed: int = 0) -> str:
    return "\n".join(passage.text for r, passage in passages(sheet, seed) if r is role)


def bare(text: str) -> str:
    """Figures as the composer writes them: half width, no thousands marks, no blanks."""
    text = text.translate(str.maketrans("０１２３４５６７８９．％", "0123456789.%"))
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))|\s", "", text)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_every_fact_is_in_one_sentence_with_its_figures(path: Path, seed: int):
    sheet = with_derived(read_facts(path))
    unused = {u.fact_id for u in plan(sheet, GENRE).unused}
    made = passages(sheet, seed)
    counts = Counter(i for _, passage in made for s in passage.sentences for i in s.fact_ids)
    assert counts == Counter(f.id for f in sheet.facts if f.id not in unused)
    by_fact = {i: s.text for _, passage in made for s in passage.sentences for i in s.fact_ids}
    for fact in sheet.facts:
        if fact.id not in unused and fact.status is Status.DONE:
            assert [f.surface for f in fact.figures if bare(f.surface) not in by_fact[fact.id]] == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_drafts_read_as_reviewed(path: Path, golden_file: Callable[[Path, str], None]):
    draft = Drafter().draft(read_facts(path))
    golden_file(ROOT / "tests" / "golden" / "drafts" / f"{path.stem}.txt", draft.text + "\n")


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_no_sentence_needs_its_plain_form_for_any_seed(path: Path):
    sheet = read_facts(path)
    for seed in range(5):
        draft = Drafter(seed=seed).draft(sheet)
        assert draft.report.ok
        composed = {s.text for _, passage in passages(draft.sheet, seed) for s in passage.sentences}
        assert [line for line in composed if line not in draft.text] == []


def test_seeds_vary_the_wording_and_nothing_else():
    sheet = with_derived(read_facts(SHEETS[1]))
    texts = ["".join(p.text for _, p in passages(sheet, seed)) for seed in range(6)]
    assert len(set(texts)) >= 3
    figures = [Counter(re.findall(r"[\d.]+", text)) for text in texts]
    assert all(f == figures[0] for f in figures)
    assert texts[2] == "".join(p.text for _, p in passages(sheet, 2))


def test_a_total_stands_before_its_change_and_its_parts():
    text = text_of(sheet_of("全年接待观众38.6万人次，其中未成年人21.2万人次（上年35.4万人次）"), Role.OVERVIEW)
    assert re.search("江州市科技馆接待观众38.6万人次，[比较]上年增长9.0%，其中未成年人21.2万人次。", text)


def test_a_second_rate_of_a_sentence_does_not_repeat_the_year():
    text = text_of(sheet_of("接待观众3万人次", "特效影院放映1120场，观众7.9万人次（上年1046场、7.3万人次）"), Role.VENUES)
    assert text.count("上年") + text.count("同比") == 1
    assert "，增长8.2%" in text


def test_events_are_told_by_date_and_yearly_ones_in_their_month():
    lines = ("9月全国科普月，活动6项", "3月18日，春耕技术培训，参训412人次", "科技活动周3项")
    text = text_of(sheet_of(*lines, unit="云岭县科学技术协会"), Role.ACTIVITIES)
    assert text.index("3月18日") < text.index("科技活动周") < text.index("科普月")


def test_awards_are_told_by_level_and_grade():
    text = text_of(sheet_of("接待观众3万人次", "获奖：市科普大赛一等奖1个", "获奖：省科普大赛三等奖1个", "获奖：省科普大赛二等奖2个"), Role.RESULTS)
    assert text.index("省科普大赛二等奖") < text.index("省科普大赛三等奖") < text.index("市科普大赛一等奖")


def test_what_there_is_is_not_held_in_the_year():
    text = text_of(sheet_of("会员4260人", "换届1次", unit="江州市医学会"), Role.OVERVIEW)
    assert text.startswith("江州市医学会现有会员4260人。现将2025年")


def test_whose_figure_it_is_is_kept_in_the_opening():
    text = text_of(sheet_of("全区科普活动420场次", "画廊3处", unit="临江区科学技术协会"), Role.OVERVIEW)
    assert re.match("2025年度?，全区开展科普活动420场次。现将临江区科学技术协会", text)


def test_what_the_unit_is_stands_first_in_its_own_sentence():
    text = text_of(sheet_of("讲座24场", "辖区居民4860户", "义诊12次", unit="梧桐里社区"), Role.OVERVIEW)
    assert re.match("辖区现有居民4860户。2025年度?，梧桐里社区举办讲座24场。", text)


def test_what_the_unit_is_is_not_what_it_did_even_where_it_is_all_there_is():
    text = text_of(sheet_of("全村612户，常住1480人", "宣传栏6处", unit="石榴园村"), Role.OVERVIEW)
    assert re.match("全村612户，常住1480人。现将石榴园村2025年", text)


def test_what_is_nobodys_by_its_words_is_the_units_own():
    text = text_of(sheet_of("学生1860人，教师142人", "科普报告8场", "应急演练2次", unit="春申中学"), Role.OVERVIEW)
    assert text.startswith("本校学生1860人，教师142人。2025年")


def test_a_needed_section_without_facts_asks_for_them():
    text = text_of(sheet_of("接待观众38.6万人次"), Role.TEAM)
    assert re.fullmatch("【待补充：.*人数.*】", text)


def test_problems_and_plans_are_numbered_and_a_single_one_is_not():
    sheet = sheet_of("接待观众3万人次", "问题：展品老化", "问题：人手少", "明年：临时展览8个")
    assert re.search("：一是展品老化；二是人手少。", text_of(sheet, Role.PROBLEMS))
    assert text_of(sheet, Role.PLANS) == "下一步，计划举办临时展览8个。"


def test_a_heading_names_the_subject_that_its_lines_leave_out():
    sheet = sheet_of("# 科技特派员", "在派642人", "# 荣誉", "市级先进集体", unit="江州市科学技术局")
    assert "科技特派员方面，在派642人" in text_of(sheet, Role.RURAL)
    assert "荣誉方面" not in text_of(sheet, Role.RESULTS)


def test_plain_sentences_are_the_facts_own_words():
    sheet = sheet_of("讲座46场", "明年：讲座50场")
    both = plain(Sentence("…", ("F1", "F2"), Origin.OFFLINE), sheet)
    assert [s.text for s in both] == ["讲座46场。", "计划讲座50场。"]


NOUNS = ["科普讲座", "应急演练", "宣传栏", "志愿者", "临时展览", "科普画廊", "社团", "义诊", "科普大篷车", "电子屏", "座谈会"]
UNITS = {"宣传栏": "处", "志愿者": "人", "临时展览": "个", "科普画廊": "处", "社团": "个", "科普大篷车": "辆", "电子屏": "块"}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(NOUNS), st.integers(11, 9999)), min_size=3, max_size=11, unique_by=lambda r: r[0]),
    seed=st.integers(0, 50),
)
def test_whatever_the_facts_every_figure_is_told_once_and_in_one_way(rows: list[tuple[str, int]], seed: int):
    sheet = sheet_of(*(f"{noun}{n}{UNITS.get(noun, '场次')}" for noun, n in rows), unit="梧桐里社区")
    made = passages(sheet, seed)
    text = "".join(p.text for _, p in made)
    for noun, n in rows:
        assert re.search(rf"(?<!\d){n}{UNITS.get(noun, '场次')}", text)
    counts = Counter(i for _, p in made for s in p.sentences for i in s.fact_ids)
    assert set(counts.values()) == {1}
    assert len(counts) == len(rows)
    assert text == "".join(p.text for _, p in passages(sheet, seed))
    assert not re.search("[，；。]{2}|举办开展|现有现有|发放发", text)
