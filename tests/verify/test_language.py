from __future__ import annotations

import time

import pytest

from kepudraft.figures.scan import scan
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.language import check_language

FRAME = (
    "溪口县科协2025年科普工作总结\n2025年，县科协开展活动120场次。现总结如下。\n一、办好主题活动\n{}\n"
    "二、下一步计划\n继续办好讲座40场次，培训志愿者200人次。"
)


def found(sentence: str, *, year: int = 2025) -> dict[FormKind, list[FormFinding]]:
    draft = FRAME.format(sentence).replace("2025", str(year)) if year != 2025 else FRAME.format(sentence)
    findings: dict[FormKind, list[FormFinding]] = {}
    for finding in check_language(draft, year=year):
        assert finding.span is None or draft[finding.span.start : finding.span.end] == finding.surface
        findings.setdefault(finding.kind, []).append(finding)
    return findings


def test_a_good_text_gives_nothing():
    assert found("举办科普讲座36场次，听众近1.5万人次；发放资料3000余份，满意率85%～90%。“小小讲解员”活动如期举行。") == {}


@pytest.mark.parametrize(
    "remain",
    ["〔数〕", "〔名〕", "⟦F1⟧", "⟦F12:人次⟧", "{F1a}", "{{F3}}", "xx", "XX", "××", "20xx年", "□□", "____", "[待填]", "某某",
     "作为AI语言模型", "https://example.org/a", "X月X日"],
)  # fmt: skip
def test_remains(remain: str):
    first = found(f"全年共{remain}场次活动顺利完成。")[FormKind.REMAINS][0]
    assert first.severity is Severity.ERROR
    assert first.explanation


@pytest.mark.parametrize("name", ["X射线科普展", "4D影院", "VR体验区", "“5·12”防灾减灾日", "PPT制作"])
def test_letters_in_names_are_no_remains(name: str):
    assert found(f"举办{name}活动3场次，参加者很多。") == {}


def test_a_gap_is_told_once_and_apart_from_remains():
    findings = found("【待补充：本年度举办的主要科普活动】")
    assert list(findings) == [FormKind.GAP]
    assert findings[FormKind.GAP][0].surface == "【待补充：本年度举办的主要科普活动】"


@pytest.mark.parametrize("half", ["举办讲座36场次。参加活动的", "全年接待观众38万人次，", "发放资料以及。另办展览。", "活动共120场次，，同比。"])
def test_half_sentences(half: str):
    assert FormKind.HALF_SENTENCE in found(half)


@pytest.mark.parametrize("whole", ["一致认为：“办得好！”", "（数据截至12月31日）", "活动分三类：", "居民踊跃参与。", "县乡一起参与，验收通过。"])
def test_whole_sentences(whole: str):
    assert FormKind.HALF_SENTENCE not in found(whole)


@pytest.mark.parametrize(
    "mark",
    ["**重点**活动办得好。", "- 举办讲座36场次。", "## 讲座活动。", "| 项目 | 数量 |", "`讲座`36场次。", "> 讲座36场次。",
     "[链接](http://a.cn)见此。", "讲座<br>36场次。"],
)  # fmt: skip
def test_markdown(mark: str):
    assert found(mark)[FormKind.MARKDOWN][0].severity is Severity.ERROR


@pytest.mark.parametrize("quotes", ["“”活动如期举行。", "《科普手册发放300册。", "“科普大讲堂办了8期。", "参加者（含学生300人。"])
def test_quotes_that_are_empty_or_alone(quotes: str):
    assert FormKind.QUOTES in found(quotes)


@pytest.mark.parametrize(("style", "kind"), [("3千余份", FormKind.NUMERAL_STYLE), ("5百份", FormKind.NUMERAL_STYLE)])
def test_numerals_that_the_standard_forbids(style: str, kind: FormKind):
    assert found(f"发放资料{style}。")[kind][0].severity is Severity.ERROR


@pytest.mark.parametrize("span", ["85～90%", "4—6%", "70至80%", "92.5-95%"])
def test_ranges_of_percentages_repeat_the_sign(span: str):
    assert found(f"满意率{span}。")[FormKind.PERCENT_RANGE][0].surface == span
    assert FormKind.PERCENT_RANGE not in found("满意率85%～90%。")


@pytest.mark.parametrize(
    ("sentence", "surface"),
    [
        ("志愿者三百一十二人，讲座58场次。", "三百一十二人"),
        ("观众9.6万人次，线上100000人次。", "100000人次"),
        ("服务9,800小时，放映1120场，开放3060小时。", "9,800小时"),
        ("培训１２期。", "１２期"),
    ],
)
def test_one_text_one_way(sentence: str, surface: str):
    findings = found(sentence)[FormKind.MIXED_NUMERALS]
    assert [(f.surface, f.severity) for f in findings] == [(surface, Severity.WARNING)]


@pytest.mark.parametrize(
    ("year", "sentence", "wrong"),
    [
        (2025, "全国科普日期间开展活动12项。", "全国科普日"),
        (2024, "全国科普月期间开展活动12项。", "全国科普月"),
        (2023, "落实《全民科学素质行动计划纲要（2006—2010—2020年）》。", "全民科学素质行动计划纲要（2006—2010—2020年）"),
        (2018, "落实《全民科学素质行动规划纲要（2021—2035年）》。", "全民科学素质行动规划纲要（2021—2035年）"),
        (2015, "全国科技工作者日走访26人。", "全国科技工作者日"),
        (2025, "全國科普日期間開展活動12項。", "全國科普日"),
    ],
)
def test_terms_out_of_their_years(year: int, sentence: str, wrong: str):
    (finding,) = found(sentence, year=year)[FormKind.TERM]
    assert (finding.surface, finding.severity) == (wrong, Severity.ERROR)


@pytest.mark.parametrize(
    ("year", "sentence"),
    [
        (2025, "全国科普月期间开展活动12项。"),
        (2024, "全国科普日期间开展活动12项。"),
        (2025, "与2024年全国科普日相比，活动多了12项。"),
        (2025, "上年全国科普日办了9项。"),
        (2024, "筹备明年全国科普月活动。"),
        (2007, "科普月期间编印资料300份。"),
    ],
)
def test_terms_in_their_years_and_in_history(year: int, sentence: str):
    assert FormKind.TERM not in found(sentence, year=year)


def test_next_years_term_may_stand_in_the_plans():
    draft = FRAME.replace("2025", "2024").format("举办讲座36场次。").replace("继续办好讲座", "办好首个全国科普月，讲座")
    assert check_language(draft, year=2024) == ()


def test_padding_is_told_by_paragraph():
    pad = "我们高度重视、精心组织、扎实推进，切实加强领导，营造了良好氛围，取得了显著成效，再上新台阶。"
    (finding,) = found(pad)[FormKind.STOCK_PHRASES]
    assert finding.surface == pad
    assert "高度重视" in finding.explanation
    assert found("领导高度重视，全年召开专题会议4次，落实经费86万元，建成科普画廊18处，组织讲座36场次。") == {}


def test_a_scan_at_hand_is_used():
    draft = FRAME.format("发放资料3千余份。")
    assert check_language(draft, year=2025, scanned=scan(draft)) == check_language(draft, year=2025)


@pytest.mark.parametrize(
    "unit",
    ["一、", "（一）", "**", "|", "| ", "#", "“”", "〔数〕", "【待补充", "xx", "高度重视", "，。", "5~6%", "全国科普日", " "],
)  # fmt: skip
def test_time_is_linear_in_hostile_text(unit: str):
    def seconds(size: int) -> float:
        draft = unit * (size // len(unit))
        scanned = scan("")  # the reader of figures has its own test
        start = time.process_time()
        check_language(draft, year=2025, scanned=scanned)
        return time.process_time() - start

    seconds(1000)
    # Processor time and the best of three: other work on the machine must not fail it.
    large, small = (min(seconds(size) for _ in range(3)) for size in (80_000, 20_000))
    assert large < 12 * small + 0.1  # 4 if linear, 16 if quadratic
