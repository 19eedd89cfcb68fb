import json
import re
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.figures import scan as reader
from kepudraft.figures.numerals import Style, write
from kepudraft.figures.scan import Hedge, Kind, nonfigure_record, record, scan
from kepudraft.figures.units import unit_named

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    json.loads(line)
    for path in sorted((ROOT / "eval" / "cases" / "figures").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
GOLD = ROOT.parent / "shared" / "figures_gold_dev.jsonl"
FIELDS = ("start", "end", "surface", "value", "low", "high", "unit", "qualifier", "kind")


def read(text):
    """Surfaces and values, as the labels write them."""
    found = [record(figure) for figure in scan(text).figures]
    return [(f["surface"], f["value"] or f"{f['low']}~{f['high']}", f["unit"], f["qualifier"]) for f in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_labelled_sentence(case):
    found = [record(figure) for figure in scan(case["text"]).figures]
    required = [{key: gold[key] for key in FIELDS} for gold in case["figures"] if not gold.get("optional")]
    optional = [(gold["start"], gold["end"]) for gold in case["figures"] if gold.get("optional")]
    assert [figure for figure in found if (figure["start"], figure["end"]) not in optional] == required


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("资料3万+份。", ("3万+份", "30000", "份", "+")),
        ("听众100＋人次。", ("100＋人次", "100", "人次", "＋")),
        ("志愿者50人+，", ("50人+", "50", "人", "+")),
        ("播放10万+，", ("10万+", "100000", "", "+")),
    ],
)
def test_a_plus_behind_an_amount_means_more(text, figure):
    assert read(text) == [figure]
    assert scan(text).figures[0].hedge is Hedge.MORE


@pytest.mark.parametrize("text", ["1+1工作法。", "“1+3+N”模式。", "“5+科普”行动。", "互联网+科普。", "3+2模式。"])
def test_a_plus_that_joins_names_is_no_hedge(text):
    assert read(text) == []


@pytest.mark.parametrize("text", ["11月3日持续到14日", "11月3日起至14日", "11月3日办到14日"])
def test_a_period_may_be_told_with_a_verb(text):
    assert [record(f)["low"] for f in scan(text).figures] == ["XXXX-11-03"]
    assert [f.surface for f in scan(text).figures] == [text]


def test_gold_of_the_seeds_is_read():
    if not GOLD.exists():
        pytest.skip("../shared/figures_gold_dev.jsonl is not there")
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    missed = 0
    for case in map(json.loads, lines):
        found = [record(figure) for figure in scan(case["text"]).figures]
        missed += sum({k: g[k] for k in FIELDS} not in found for g in case["figures"] if not g.get("optional"))
    assert missed <= 0.02 * len(lines)


@pytest.mark.parametrize(
    "word",
    [
     "十八大", "一把手", "四进社区", "三下乡", "八项规定", "三会一课", "一带一路", "二十四节气", "三个代表", "两学一做",
     "“三万”活动", "第一书记",
     "一、总体情况", "（一）加强领导", "1. 开展活动", "① 组织", "一是健全机制", "科协发〔2018〕78号", "59号文件", "0731-88886666",
     "5G网络", "鄂A12345", "20xx年", "第xx届", "周六上午", "四年级", "十九届六中全会", "一系列活动", "一个良好开端", "十分重视", "千家万户"],
)  # fmt: skip
def test_words_that_count_nothing(word):
    assert read(f"{word}。") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三万五千人次", [("三万五千人次", "35000", "人次", "")]),
        ("四大展区", [("四大", "4", "大", "")]),
        ("展板50，300人观看", [("300人", "300", "人", "")]),
        ("近三年", [("三年", "3", "年", "")]),
        ("近300万元", [("近300万元", "3000000", "元", "近")]),
        ("27届全国大赛", [("27届", "27", "届", "")]),
        ("新农村5万\n册", [("5万", "50000", "", "")]),
        ("利润 512\n7、万元", [("512\n7、万元", "5120000", "元", "")]),
        ("十个行政村，一个居委会", [("十个", "10", "个", ""), ("一个", "1", "个", "")]),
        ("一个重要平台", []),
    ],
)
def test_context_decides(text, expected):
    assert read(text) == expected


def test_offsets_of_non_figures_hold():
    for case in CASES:
        for found in map(nonfigure_record, scan(case["text"]).nonfigures):
            assert case["text"][found["start"] : found["end"]] == found["surface"]
            assert found["why"]


TRAPS = [(case["text"], trap) for case in CASES for trap in case["nonfigures"]]


@pytest.mark.parametrize(("text", "trap"), TRAPS, ids=lambda value: value["surface"] if isinstance(value, dict) else "")
def test_no_figure_on_a_labelled_trap(text, trap):
    spans = [(figure.span.start, figure.span.end) for figure in scan(text).figures]
    assert not [span for span in spans if span[0] < trap["end"] and trap["start"] < span[1]]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("受众达万余人次。", ["lost-number"]), ("投入共亿元。", ["lost-number"]), ("落实资金万元。", ["lost-number"]),
        ("受众达人次，", ["lost-number"]),
        ("20xx年举办讲座。", ["mask"]), ("邀请“”专家。", ["empty-quotes"]), ("吸引373余名学生。", ["hedged-exact"]),
        ("举办近2286场。", ["hedged-exact"]), ("投入7070万元。", ["doubled-digits"]), ("发放8500万多份。", ["magnitude"]),
        ("听众3千余人。", ["mixed-style"]), ("折页5百份。", ["mixed-style"]),
        ("吸引300余名学生，近2300场，38.6万余人次，1个多月，2.5万册。", []), ("路长3千米，用电5千瓦时。", []),
    ],
)  # fmt: skip
def test_defects(text, kinds):
    assert [defect.kind for defect in scan(text).defects] == kinds
    for defect in scan(text).defects:
        assert text[defect.span.start : defect.span.end] == defect.surface
        assert defect.message


UNITS = st.sampled_from(["人次", "名", "场", "册", "项", "元", "平方米", "公里", "学时", "%"])
STYLES = st.sampled_from([Style.ARABIC, Style.WIDE, Style.LOWER, Style.TRADITIONAL, Style.GROUPED])
FILLER = st.sampled_from(["举办活动", "，其中", "。全年累计", "；覆盖居民", "、完成"])


@given(st.lists(st.tuples(FILLER, st.integers(2, 999_999), UNITS, STYLES), min_size=1, max_size=8))
def test_planted_figures_come_back_with_their_spans(parts):
    text, planted = "", []
    for filler, number, unit, style in parts:
        text += filler
        surface = write(number, style) + unit
        planted.append((len(text), len(text) + len(surface), str(number), unit_named(unit).name))
        text += surface
    found = [record(figure) for figure in scan(text + "。").figures]
    assert [(f["start"], f["end"], f["value"], f["unit"]) for f in found] == planted


ALPHABET = "0129〇一二三十百千万亿两几数半第首近约超余多来个人名次场年月日号%，。、（）()“”xX*.-:~至 \n①元成分之等奖届"


@settings(max_examples=300)
@given(st.text(alphabet=ALPHABET, max_size=60))
def test_any_text_is_read_in_order_without_overlap(text):
    found = scan(text)
    place = 0
    for figure in found.figures:
        assert place <= figure.span.start < figure.span.end <= len(text)
        assert text[figure.span.start : figure.span.end] == figure.surface
        assert (figure.period is None) == (figure.kind is not Kind.DATE)
        record(figure)
        place = figure.span.end
    taken = sorted((item.span.start, item.span.end) for item in (*found.figures, *found.nonfigures))
    assert all(left[1] <= right[0] for left, right in pairwise(taken))


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text):
    scan(text)


AROUND = st.sampled_from([
    "", "，", "。", "、", "（", "；", "\n", " ", "举办", "近", "约", "超过", "上", "第", "每周", "每年", "2小时", "3至", "5、", "电话", "共计", "“",
    "增长", "其中", "20", "A", "x", "-", ".", "〔2025〕",
])  # fmt: skip
BEHIND = st.sampled_from([
    "", "，", "。", "、", "；", "）", "余", "多", "以上", "讲座，", "至5场。", "1次，", "半，", "\n8、", "之", " ", "学生。", "左右，",
])  # fmt: skip
AMOUNTS = st.sampled_from([
    "46场", "38.6万人次", "12.6%", "5个", "3次", "1个", "2天", "30分", "4级", "8届", "3人", "120万元", "9月", "11日", "2025年", "0.5个百分点",
    "3.5万册", "1.2亿元", "12", "460课时", "306天", "3年", "2个月", "1.5小时",
    "7070万元", "300平方米", "1.5公里", "12345", "8折", "9成", "3期", "1号", "2024级",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(AROUND, AMOUNTS, BEHIND), min_size=1, max_size=6))
def test_what_was_read_before_changes_nothing(parts):
    """An amount that was read elsewhere is read at once: whatever stands around it here must still be seen."""
    text = "".join("".join(part) for part in parts)
    for surface in ("46场", "38.6万人次", "12.6%", "5个", "3次", "3人", "120万元", "300平方米", "460课时", "306天", "3年", "2天", "30分"):
        scan(f"举办{surface}。")
    quick = reader._scanned(text)
    with patch.object(reader, "_PLAIN", re.compile("(?!)")):
        assert quick == reader._scanned(text)


def test_no_more_amounts_are_kept_than_allowed(monkeypatch):
    monkeypatch.setattr(reader, "_MOST_KNOWN", 50)
    monkeypatch.setattr(reader, "_known", {})
    assert len(scan("".join(f"举办{n}场。" for n in range(2, 400))).figures) == 398
    assert 0 < len(reader._known) <= 50


HOSTILE = ["1", "一", "万", "余", "（", "1月", "（一", "一、", "第1", "20x", "1,", "1.", "三分之", "“一", "1至", "每周一"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_input_is_read(unit):
    scan(unit * (100_000 // len(unit)))


@pytest.mark.parametrize(
    ("plain", "twin"),
    [
        ("投入38.6万元，覆盖三十多个村", "投入３８.６萬元，覆蓋三十多個村"),
        ("近300名学生参加第三届大赛", "近３００名學生參加第三屆大賽"),
        ("举办讲座十二场，两千余人次", "舉辦講座十二場，兩千餘人次"),
    ],
)
def test_twins_agree(plain, twin):
    def facts(text):
        return [{k: v for k, v in record(f).items() if k != "surface"} for f in scan(text).figures]

    assert facts(plain) == facts(twin)
