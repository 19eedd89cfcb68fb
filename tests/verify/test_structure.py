from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.structure import clean_texts, judge
from eval.structure_cases import from_markdown
from kepudraft.corpus import exemplar_files
from kepudraft.errors import RuleError
from kepudraft.figures.tables import Table, read_table
from kepudraft.genre import UnitType
from kepudraft.verify.form import MAX_OF_A_KIND, FormFinding, FormKind, Severity, in_order
from kepudraft.verify.form_rules import any_of, load_structure
from kepudraft.verify.layout import LineKind, chinese_number, read_layout
from kepudraft.verify.structure import check_structure

ROOT = Path(__file__).resolve().parents[2]

TITLE = "溪口县科协2025年科普工作总结"
OVERVIEW = "2025年，县科协围绕全民科学素质提升开展工作，全年举办活动120场次。现将全年工作总结如下。"
SECTIONS = (
    ("加强组织领导", "县科协召开工作会议2次，印发年度科普工作要点。科普经费列入财政预算，全年投入86万元。"),
    ("办好主题活动", "全国科技活动周期间，开展科普活动18项。全国科普月期间，举办科普讲座12场次，发放宣传资料3200份。"),
    ("建强科普队伍", "现有科普志愿者640人，组成志愿服务队21支。全年培训科普员4期，参训180人次。"),
    ("存在的问题", "一是乡镇专职科普人员偏少，3个乡镇至今没有配齐；二是山区流动服务不足，全年只到过5个村。"),
    ("下一步工作计划", "下一步，重点做好两件事：一是配齐乡镇科普专干；二是流动科技馆新增巡展站点4个。"),
)


def text(*changes: tuple[int, tuple[str, str]], sections: tuple[tuple[str, str], ...] = SECTIONS, title: str = TITLE) -> str:
    numerals = "一二三四五六七八九"
    told = list(sections)
    for place, section in changes:
        told[place] = section
    lines = [title, OVERVIEW]
    for number, (heading, prose) in zip(numerals, told, strict=False):
        lines += [f"{number}、{heading}", *([prose] if prose else [])]
    return "\n".join(lines)


def found(draft: str, **options: object) -> dict[FormKind, list[FormFinding]]:
    given: dict[str, object] = {"unit_type": UnitType.ASSOCIATION, "year": 2025, **options}
    findings: dict[FormKind, list[FormFinding]] = {}
    for finding in check_structure(draft, **given):  # type: ignore[arg-type]  # options are keywords of it
        assert finding.span is None or draft[finding.span.start : finding.span.end] == finding.surface
        assert finding.explanation
        findings.setdefault(finding.kind, []).append(finding)
    return findings


def test_a_good_summary_gives_nothing():
    assert found(text()) == {}


@pytest.mark.parametrize("path", exemplar_files(ROOT / "corpus"), ids=lambda p: p.stem)
def test_no_exemplar_has_an_error(path: Path):
    build = from_markdown(path.stem, path.read_text(encoding="utf-8"))
    assert [f for f in judge(build) if f.severity is Severity.ERROR] == []


@pytest.mark.parametrize(("place", "word"), [(3, "存在问题"), (4, "下步计划"), (0, "组织领导"), (2, "队伍建设")])
def test_a_missing_needed_section_is_an_error_that_says_what_to_write(place: int, word: str):
    findings = found(text(sections=SECTIONS[:place] + SECTIONS[place + 1 :]))
    (missing,) = findings[FormKind.MISSING_SECTION]
    assert missing.severity is Severity.ERROR
    assert missing.span is None
    assert f"缺少“{word}”" in missing.explanation


def test_an_older_text_is_only_warned_of_missing_problems():
    older = text(sections=SECTIONS[:3], title=TITLE.replace("2025", "2012"))
    assert {f.severity for f in found(older, year=2012)[FormKind.MISSING_SECTION]} == {Severity.WARNING}


def test_a_text_on_one_campaign_needs_no_sections():
    draft = text(sections=SECTIONS[1:2], title="溪口县科协2025年全国科普月活动总结")
    assert FormKind.MISSING_SECTION not in found(draft)


def test_what_one_unit_type_needs_another_does_not():
    sections = SECTIONS[1:]
    assert FormKind.MISSING_SECTION in found(text(sections=sections))
    assert FormKind.MISSING_SECTION not in found(text(sections=sections), unit_type=UnitType.SOCIETY)


def test_a_section_is_known_by_its_text_where_the_heading_names_nothing():
    plain = text((3, ("实话实说", SECTIONS[3][1])), (4, ("往前走", SECTIONS[4][1])))
    assert FormKind.MISSING_SECTION not in found(plain)


@pytest.mark.parametrize("order", [(0, 3, 2, 1, 4), (0, 1, 2, 4, 3), (4, 1, 2, 3, 0)])
def test_problems_and_plans_out_of_place_are_errors(order: tuple[int, ...]):
    findings = found(text(sections=tuple(SECTIONS[i] for i in order)))
    assert Severity.ERROR in {f.severity for f in findings[FormKind.ORDER]}


def test_sections_of_work_may_stand_in_any_order():
    assert FormKind.ORDER not in found(text(sections=tuple(SECTIONS[i] for i in (0, 2, 1, 3, 4))))


@pytest.mark.parametrize(
    ("right", "wrong", "advice"),
    [
        ("三、建强", "四、建强", "三、"),
        ("三、建强", "二、建强", "重复"),
        ("三、建强", "（三）建强", "（一）"),
        ("二是山区", "三是山区", "二是"),
    ],
)
def test_numbers_that_do_not_run_on(right: str, wrong: str, advice: str):
    first = found(text().replace(right, wrong))[FormKind.NUMBERING][0]
    assert first.severity is Severity.ERROR
    assert advice in first.explanation


def test_a_heading_may_not_skip_a_level():
    draft = text().replace("全国科技活动周期间", "1. 重点活动\n全国科技活动周期间")
    assert "越级" in found(draft)[FormKind.NUMBERING][0].explanation


def test_points_that_run_on_may_stand_under_the_first_level():
    draft = text((3, ("存在的问题", "1. 人员不足。3个乡镇没有专职人员。\n2. 服务不够。山区只到过5个村。")))
    assert found(draft) == {}


def test_a_second_part_of_the_text_counts_anew():
    assert FormKind.NUMBERING not in found(text() + "\n2026年工作计划\n一、抓培训\n全年培训科普员6期，覆盖全部乡镇。")


def test_an_ordinal_list_at_the_start_of_a_paragraph_is_no_heading():
    lines = read_layout("一、活动\n五、六年级的46名学生参加。\n一、二等奖各1名。\n二、一组数见变化\n好。").lines
    assert [line.kind for line in lines if line.level] == [LineKind.HEADING, LineKind.HEADING]


def test_exchanged_headings_are_found_with_their_partner():
    draft = text((2, ("存在的问题", SECTIONS[2][1])), (3, ("建强科普队伍", SECTIONS[3][1])))
    explanations = [f.explanation for f in found(draft)[FormKind.HEADING]]
    assert any("存在的问题" in e and "建强科普队伍" in e for e in explanations)


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("溪口县科协科普工作总结", Severity.ERROR),
        ("溪口县科协2023年科普工作总结", Severity.ERROR),
        ("溪口县科协2025年科普工作", Severity.ERROR),
        ("2025年度科普工作总结", Severity.WARNING),
    ],
)
def test_titles_that_lack_something(title: str, severity: Severity):
    assert [f.severity for f in found(text(title=title))[FormKind.TITLE]] == [severity]


@pytest.mark.parametrize(
    "title", ["溪口县科协二〇二五年度科普工作总结", "溪口县科学技术协会\n2025年科普工作总结", "关于溪口县2025年科普工作的情况报告"]
)
def test_titles_of_many_forms_are_right(title: str):
    assert FormKind.TITLE not in found(text(title=title))


def test_a_text_without_title():
    assert found(text().split("\n", 1)[1])[FormKind.TITLE][0].span is None


def test_empty_sections_and_parts():
    assert found(text((2, ("建强科普队伍", ""))))[FormKind.EMPTY_SECTION][0].surface == "三、建强科普队伍"
    part = text().replace("全国科技活动周", "（一）重点活动\n（二）讲座\n全国科技活动周")
    assert found(part)[FormKind.EMPTY_SECTION][0].surface == "（一）重点活动"


def test_problems_in_one_line_are_an_error_and_one_sentence_elsewhere_a_warning():
    draft = text((3, ("存在的问题", "科普经费不足。")), (2, ("建强科普队伍", "现有科普志愿者640人。")))
    findings = found(draft)
    assert findings[FormKind.THIN_SECTION][0].severity is Severity.ERROR
    assert findings[FormKind.ONE_SENTENCE][0].severity is Severity.WARNING


def test_a_sentence_or_paragraph_told_twice():
    twice = SECTIONS[1][1].split("。")[0] + "。"
    draft = text((2, (SECTIONS[2][0], SECTIONS[2][1] + twice)))
    assert found(draft)[FormKind.REPEATED_SENTENCE][0].surface == twice
    draft = text((2, (SECTIONS[2][0], SECTIONS[2][1] + "\n" + SECTIONS[1][1])))
    assert found(draft)[FormKind.REPEATED_PARAGRAPH][0].surface == SECTIONS[1][1]


def test_length_is_judged_against_the_target():
    size = len("".join(text().split()))
    assert FormKind.LENGTH not in found(text(), target_chars=size)
    assert found(text(), target_chars=size * 7 // 5)[FormKind.LENGTH][0].severity is Severity.WARNING
    assert found(text(), target_chars=size * 3)[FormKind.LENGTH][0].severity is Severity.ERROR


def test_signature():
    assert FormKind.SIGNATURE not in found(text() + "\n溪口县科协\n2026年1月6日", signed=True)
    assert len(found(text(), signed=True)[FormKind.SIGNATURE]) == 2
    assert "不加0" in found(text() + "\n溪口县科协\n2026年01月06日")[FormKind.SIGNATURE][0].explanation
    assert "署名" in found(text() + "\n2026年1月6日")[FormKind.SIGNATURE][0].explanation


def test_traditional_script_is_judged_alike():
    draft = text().replace("建强科普队伍", "建強科普隊伍").replace("存在的问题", "存在的問題").replace("下一步工作计划", "下一步工作計劃")
    assert found(draft) == {}


@pytest.mark.parametrize("draft", ["", "\n\n", "一、", "科普", "。", "（一）\n一、", "一、\n\n\n（一）"])
def test_scraps_are_judged_without_fail(draft: str):
    found(draft)


@pytest.mark.parametrize("unit", ["一、", "（一）", "一、\n", "（一）\n", "1.\n", "一、题\n文。\n", "一是", "。", "科普\n"])
def test_time_is_linear_in_hostile_text(unit: str):
    def seconds(size: int) -> float:
        start = time.process_time()
        check_structure(unit * (size // len(unit)), unit_type=UnitType.MUSEUM, year=2025)
        return time.process_time() - start

    seconds(1000)
    # Processor time and the best of three: other work on the machine must not fail it.
    large, small = (min(seconds(size) for _ in range(3)) for size in (80_000, 20_000))
    assert large < 12 * small + 0.1  # 4 if linear, 16 if quadratic


def test_findings_of_a_kind_are_bounded():
    assert len(found("一、\n" * 500)[FormKind.NUMBERING]) == MAX_OF_A_KIND
    assert in_order(()) == ()


@pytest.mark.parametrize(("numeral", "number"), [("一", 1), ("十", 10), ("十九", 19), ("二十", 20), ("九十九", 99), ("一一", 0), ("十十", 0)])
def test_chinese_numbers(numeral: str, number: int):
    assert chinese_number(numeral) == number


def test_the_longest_of_many_words_is_matched():
    pattern = any_of(["科普", "科普日", "全国科普日", "科", "(一)"])
    assert pattern.findall("全国科普日和科普日、科普、科技(一)") == ["全国科普日", "科普日", "科普", "科", "(一)"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('["results"]', '["result"]', "result"),
        ("strict_from = 2016", 'strict_from = "2016"', "strict_from"),
        ("error = [0.5, 1.6]", "error = [1.6, 0.5]", "error"),
        (', ["closing"]]', "]", "order"),
    ],
)
def test_a_wrong_rule_is_told_with_its_file_and_line(right: str, wrong: str, said: str):
    source = (ROOT / "kepudraft" / "verify" / "structure.toml").read_text(encoding="utf-8")
    assert right in source
    with pytest.raises(RuleError, match=said) as raised:
        load_structure(_parsed(source.replace(right, wrong)))
    assert "structure.toml 第" in raised.value.place


def _parsed(source: str) -> Table:
    import tomllib

    table = read_table(ROOT / "kepudraft" / "verify" / "structure.toml")
    return Table(table.name, source, tomllib.loads(source))


def test_both_halves_of_the_clean_texts_are_apart():
    def ids(half: str) -> Iterator[str]:
        exemplars, drafts = clean_texts(half)
        return (b.id.split("/")[0] for b in (*exemplars, *drafts))

    assert not set(ids("tuning")) & set(ids("final"))
