"""What taking in finds in texts whose faults and parts were planted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kepudraft.errors import CorpusError
from kepudraft.figures.fold import traditional
from kepudraft.genre import Genre, Role, UnitType
from kepudraft.ingest.defects import DefectKind
from kepudraft.ingest.label import Likeness
from kepudraft.ingest.take import Intake, relabelled, take_in
from kepudraft.ingest.write import markdown
from tests.conftest import ROOT
from tests.ingest.conftest import ONE

SEEDS = ROOT.parent / "shared" / "seeds"


def taken(tmp_path: Path, genre: Genre, text: str, name: str = "a.txt") -> Intake:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return take_in(path, genre)


def shape(intake: Intake) -> list[list[str]]:
    return [[one.section.heading for one in t.sections if one.section.heading] for t in intake.taken]


HEADINGS = ["加强组织领导", "办好科普活动", "科技活动周", "全国科普日", "存在的问题", "2023年工作计划"]


def test_a_plain_summary_is_labelled(tmp_path: Path, genre: Genre):
    (summary,) = taken(tmp_path, genre, ONE).taken
    assert summary.title == "青石县科协2022年工作总结"
    assert (summary.unit_type.value, summary.level.value, summary.year.value) == (UnitType.ASSOCIATION, "县级", 2022)
    roles = [one.role.value for one in summary.sections]
    assert roles == [Role.OVERVIEW, Role.LEADERSHIP, *[Role.ACTIVITIES] * 3, Role.PROBLEMS, Role.PLANS]
    assert summary.defects == ()


def test_the_same_text_has_the_same_shape_in_every_form(tmp_path: Path, genre: Genre):
    body = ONE.split("\n\n")
    page = "<html><body><div>" + "".join(f"<p>{line}</p>" for line in body) + "</div></body></html>"
    wrapped = "\n\n".join("\n".join(p[i : i + 22] for i in range(0, len(p), 22)) for p in body)
    flat = "".join(body[:1]) + "".join(body[1:])
    numbered = "".join(flat[i : i + 70] + f"\n{n}、" for n, i in enumerate(range(0, len(flat), 70), 1))
    numbered = numbered.rsplit("\n", 1)[0]
    for name, text in (("a.html", page), ("b.txt", wrapped), ("c.txt", numbered), ("d.txt", traditional(ONE))):
        assert shape(taken(tmp_path, genre, text, name)) == [HEADINGS], name


@pytest.mark.parametrize(
    "marks",
    [
        ("科普总结篇一", "科普总结篇二"), ("科普总结篇1", "科普总结篇2"), ("工作总结1", "工作总结2"), ("【篇1】", "【篇2】"),
        ("第一篇", "第二篇"), ("第一篇：甲县总结", "第二篇：乙县总结"), ("范文一：", "范文二："), ("【篇一】科普总结", "【篇二】科普总结"),
    ],
)  # fmt: skip
def test_parts_are_found_by_every_mark(tmp_path: Path, genre: Genre, marks: tuple[str, str]):
    intro = "下面是小编为大家整理的范文2篇，供大家参考，欢迎阅读。"
    text = f"某某网\n\n科普总结(精选2篇)\n\n{intro}\n\n{marks[0]}\n\n{ONE}\n\n{marks[1]}\n\n{ONE.replace('青石', '白河')}"
    intake = taken(tmp_path, genre, text)
    assert shape(intake) == [HEADINGS, HEADINGS]
    assert "小编" not in "".join(one.section.text for t in intake.taken for one in t.sections)


def test_a_missing_part_is_remarked(tmp_path: Path, genre: Genre):
    text = f"科普总结(精选3篇)\n\n科普总结篇一\n\n{ONE}\n\n科普总结篇二\n\n{ONE}"
    assert any("3篇" in remark for remark in taken(tmp_path, genre, text).remarks)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("96万元", "万元", DefectKind.LOST_NUMBER),
        ("有1.8万人次", "达万余人次", DefectKind.LOST_NUMBER),
        ("2022年，青石", "20xx年，青石", DefectKind.MASK),
        ("发放资料1.2万份", "发放资料8600万份", DefectKind.MAGNITUDE),
        ("96万元", "9696万元", DefectKind.DOUBLED),
        ("接待群众3600", "配合“”主题日接待群众3600", DefectKind.EMPTY_QUOTES),
        ("新建科普驿站5个。", "新建科普驿站", DefectKind.TRUNCATED),
        ("三、存在的问题", "四、存在的问题", DefectKind.LOST_TEXT),
        ("9月在全县", "9月锟斤拷在全县", DefectKind.MOJIBAKE),
        ("科协2022年工作总结", "科协2025年工作总结", DefectKind.YEAR),
        ("45场", "45场，占地2022平方米", DefectKind.YEAR),
    ],
)
def test_a_planted_fault_is_found_on_its_line(tmp_path: Path, genre: Genre, old: str, new: str, kind: DefectKind):
    text = ONE.replace(old, new)
    if kind is DefectKind.YEAR and "平方米" not in new:
        text = text.replace("2022年，青石", "2022年，青石").replace("现总结如下", "现将2022年工作总结如下")
    (summary,) = taken(tmp_path, genre, text).taken
    assert kind in {defect.kind for defect in summary.defects}
    lines = text.split("\n")
    found = next(defect for defect in summary.defects if defect.kind is kind)
    assert new in lines[found.lines[0] - 1] or kind in (DefectKind.TRUNCATED, DefectKind.YEAR, DefectKind.LOST_TEXT)


def test_spun_wording_needs_two_words(tmp_path: Path, genre: Genre):
    once = ONE.replace("基层人手少", "精神礼貌建设人手少")
    twice = once.replace("做了以下工作", "用心参与各项工作")
    kinds = [{d.kind for d in taken(tmp_path, genre, text).taken[0].defects} for text in (once, twice)]
    assert kinds == [set(), {DefectKind.SPUN}]


def test_another_trade_is_told(tmp_path: Path, genre: Genre):
    text = ("2021年销售工作总结\n\n今年，我带领门店完成销售额420万元，新增客户86家，客户满意度有提高。\n\n一、跑好市场\n\n"
            "每月拜访客户30家，签下订单52份，回款及时，没有坏账。\n\n二、带好队伍\n\n组织员工学习产品知识，业绩最好的员工增长三成，门店拿到区域销售第二名，明年争取把客户再扩大一倍。")
    (summary,) = taken(tmp_path, genre, text).taken
    assert DefectKind.OTHER_TRADE in {defect.kind for defect in summary.defects}


def test_converter_wording_is_put_back_only_where_a_converter_was(tmp_path: Path, genre: Genre):
    text = traditional(ONE.replace("办活动45场", "办活动45场，做視訊12条、專案3个，中國小都接通網路")).replace("乡镇都有", "乡镇都有")
    body = "".join(one.section.text for one in taken(tmp_path, genre, text).taken[0].sections)
    assert "视频12条、项目3个，中小学都接通网络" in body
    plain = "".join(one.section.text for one in taken(tmp_path, genre, ONE.replace("45场", "45场，公安专案组讲课")).taken[0].sections)
    assert "公安专案组" in plain


def test_text_without_headings_is_cut_by_topic(tmp_path: Path, genre: Genre):
    text = ONE.replace("基层人手少", "工作中还存在不足，基层人手少").replace("（一）", "").replace("（二）", "")
    lines = [line for line in text.split("\n\n") if not line.startswith(("一、", "二、", "三、", "四、"))]
    roles = [one.role.value for one in taken(tmp_path, genre, "\n\n".join(lines)).taken[0].sections]
    assert roles[0] is Role.OVERVIEW
    assert {Role.ACTIVITIES, Role.PROBLEMS} <= set(roles)


@pytest.mark.parametrize("text", ["一、" * 4000, "（一）" * 4000, "篇一\n" * 3000, "1、甲。" * 5000, "。" * 9000, "第1页 " * 4000, "a" * 90000])
def test_nonsense_is_refused_or_read_quickly(tmp_path: Path, genre: Genre, text: str):
    start = time.perf_counter()
    with contextlib.suppress(CorpusError):
        taken(tmp_path, genre, text)
    assert time.perf_counter() - start < 8


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the public source texts are not here")
def test_the_public_source_texts_come_through(genre: Genre):
    intakes = [take_in(path, genre) for path in sorted(SEEDS.glob("*.txt"))]
    assert [len(intake.taken) for intake in intakes] == [5, 7, 5, 1, 1]


class Divided:
    """Finds every text like two roles, and like one of them a little more."""

    def near(self, texts: Sequence[str]) -> list[Likeness]:
        return [Likeness({Role.TEAM: 0.52, Role.RURAL: 0.48}, {}) for _ in texts]


def test_a_section_that_may_do_two_things_keeps_both(tmp_path: Path, genre: Genre):
    path = tmp_path / "a.txt"
    path.write_text(ONE.replace("二、办好科普活动", "二、其他几件事\n\n甲乙丙丁，戊己庚辛。\n\n三、办好科普活动"), encoding="utf-8")
    (summary,) = take_in(path, genre, Divided()).taken
    (section,) = [one for one in summary.sections if one.section.heading == "其他几件事"]
    assert (section.role.value, section.role.also) == (Role.TEAM, Role.RURAL)
    assert "其他几件事 {role=team also=rural}" in markdown(summary, genre, "a.txt")
    said = relabelled(summary, roles={at: Role.TEAM for at, _ in enumerate(summary.sections)})
    assert all(one.role.also is None for one in said.sections)


def test_headings_in_lens_brackets(tmp_path: Path, genre: Genre):
    text = ONE
    for number, heading in zip("一二三四", ("加强组织领导", "办好科普活动", "存在的问题", "2023年工作计划"), strict=True):
        text = text.replace(f"{number}、{heading}", f"【{heading}】")
    assert shape(taken(tmp_path, genre, text)) == [HEADINGS]


def test_points_that_are_paragraphs_are_sections(tmp_path: Path, genre: Genre):
    body = "街道在各社区设科普联络员，全年开会6次，把任务分到人，年底逐项检查，结果在全街道通报。"
    points = [f"{n}是{head}。{body}" for n, head in zip("一二三", ("加强领导", "建好阵地", "办好活动"), strict=True)]
    text = "青石街道2022年科普工作总结\n\n2022年，街道做了以下工作，现总结如下。\n\n"
    assert shape(taken(tmp_path, genre, text + "\n\n".join(points))) == [["加强领导", "建好阵地", "办好活动"]]
    assert shape(taken(tmp_path, genre, text + "".join(points))) == [[]]


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("全年开展活动次，有关人员受益。", True), ("共举办培训班期。", True), ("印发资料份，挂图12幅。", True), ("受益群众达余人。", True),
        ("活动余次，资料余份。", True), ("全年开展活动12次，发放资料300余份。", False), ("其余人参加了活动。", False),
        ("增加活动场次，观众名列前茅。", False), ("立足本次活动，办好首期。", False),
    ],
)  # fmt: skip
def test_counts_whose_number_is_lost(tmp_path: Path, genre: Genre, sentence: str, lost: bool):
    (summary,) = taken(tmp_path, genre, ONE.replace("各乡镇都有分管领导。", "各乡镇都有分管领导。" + sentence)).taken
    assert any(defect.kind is DefectKind.LOST_NUMBER for defect in summary.defects) == lost


def test_a_last_paragraph_that_counts_is_no_closing(tmp_path: Path, genre: Genre):
    head = "一年来，社区做了以下工作。\n\n社区办讲座48场，听众2300人次，组织参观9次。\n\n"
    for last, closes in (("11月，社区获奖补资金10万元，居民满意率达到96%。", False), ("新的一年里，我们相信会做得更好。", True)):
        (summary,) = taken(tmp_path, genre, head + last).taken
        assert (summary.sections[-1].role.value is Role.CLOSING) == closes


@pytest.mark.parametrize("name", ["pdf-gongwen.pdf", "pdf-huibian.pdf"])
def test_a_pdf_loses_its_headers_and_no_text(genre: Genre, name: str):
    """Two pages each, lines broken by the page, header and page number on both."""
    (summary,) = take_in(ROOT / "eval" / "cases" / "ingest" / name, genre).taken
    text = "\n".join(one.section.text for one in summary.sections)
    assert summary.title.endswith("工作总结")
    assert "文件" not in text
    assert "汇编" not in text
    first = summary.sections[0].section.paragraphs
    assert len(first) == 1
    assert first[0].text.endswith("总结如下：")
    assert not summary.defects
