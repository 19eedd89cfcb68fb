"""The evidence page as it stands in the file: every figure marked, everything escaped, nothing fetched, nothing run."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.corpus import Excerpt
from kepudraft.export import html
from kepudraft.export.evidence import of_text
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.genre import Role, UnitType
from kepudraft.verify.report import FAITHFUL, Verdict
from kepudraft.verify.review import review

HOSTILE = (
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\"'><svg onload=alert(1)>", "&lt;b&gt; &amp;", "a\u2028b\u2029c",
    "--><!--", "${x} $title $body", "\ud800", "\u202e12\u202c",
)
FACTS = "单位：江州市科技馆\n年度：2025\n科普讲座46场，听众9800人次（上年40场、9000人次）\n明年：巡展50场\n图书室藏书3200册\n"


class Reader(HTMLParser):
    """Elements with their attributes, and the text of the page without style and script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "col", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [a for a in (attributes for _, attributes in self.elements) if name in (a.get("class") or "").split()]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def sheet_of(text: str = FACTS):
    return read_facts_from_bytes(text.encode())


def test_every_figure_is_marked_once_and_leads_to_its_row(sample):
    page = read(html.render(sample))
    figures = [a for tag, a in page.elements if tag == "a" and (a.get("class") or "").startswith("fig")]
    assert len(figures) == len(sample.report.figures)
    rows = {a["id"]: a for tag, a in page.elements if tag == "tr" and "id" in a}
    assert [a["href"] for a in figures] == [f"#{row}" for row in rows]
    assert [a["data-v"] for a in figures] == [f.verdict.value for f in sample.report.figures]


def test_the_article_reads_as_the_draft(sample):
    page = html.render(sample)
    article = read(page[page.index("<article") : page.index("</article>") + len("</article>")]).text
    assert article == sample.text.replace("\n", "") + "江州市科技馆2026年1月6日"


def test_unused_facts_gaps_and_origins_are_told(sample):
    page = read(html.render(sample))
    assert "临时展览的名称和数量" in page.text
    assert "购置办公电脑6台（事实.txt 第4行）：与科普工作无关" in page.text
    assert "句子来源：规则8句" in page.text
    assert "(38.6-35.4)÷35.4=9.0%" in page.text
    assert "口径：按闸机统计" in page.text


def test_mixed_origins_are_counted_and_explained(sample):
    sentences = tuple(Sentence(f"第{n}句。", (), origin) for n, origin in enumerate(Origin))
    first = replace(sample.sections[0], passage=Passage((sentences,), ("ex-03#1",)))
    made = replace(sample, sections=(first,), provenance=replace(sample.provenance, model="m-1"))
    made = replace(made, report=replace(made.report, findings=()))
    lent = Excerpt("ex-03#1", "ex-03", UnitType.MUSEUM, Role.OVERVIEW, "总述", "一年来，紧紧围绕<b>主线</b>。")
    page = read(html.render(made, [lent, replace(lent, id="ex-09#1", text="没有给它看的")]))
    assert "起草：模型 m-1；句子来源：模型1句、模型改1句、规则1句、人工1句" in page.text
    assert [a.get("data-o") for a in page.of("s")[1:5]] == [o.value for o in Origin]
    assert "一年来，紧紧围绕<b>主线</b>。" in page.text
    assert "没有给它看的" not in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_facts_stay_text(sample, draft_of, hostile):
    facts = tuple(
        replace(f, text=hostile + f.text, note=hostile, last=hostile, source=replace(f.source, file=hostile, place=hostile))
        for f in sample.sheet.facts
    )
    sheet = replace(sample.sheet, unit=hostile, facts=facts)
    told = replace(sample, title=hostile, sheet=sheet, unused=(replace(sample.unused[0], reason=hostile),))
    omitted = tuple(f._replace(explanation=hostile) for f in told.report.findings if not f.span)
    told = replace(told, report=replace(told.report, findings=omitted))
    page, plain = read(html.render(told)), read(html.render(draft_of("文字。")))
    kinds = {tag for tag, _ in page.elements}
    assert kinds <= {tag for tag, _ in read(html.render(sample)).elements}
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.raw == plain.raw  # neither style nor script depends on what a person gives
    html.render(told).encode()


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_whatever_is_told_is_read_back(draft_of_paragraphs, text):
    page = read(html.render(draft_of_paragraphs([text])))
    assert "".join(page.text.split()).count("主要活动") >= 1
    assert {tag for tag, _ in page.elements} >= {"article", "table"}


def test_the_page_fetches_nothing_and_runs_only_its_own_script(sample):
    page = html.render(sample)
    reader = read(page)
    policy = next(a["content"] for tag, a in reader.elements if tag == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for kind, directive in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256("".join(reader.raw[kind]).encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r"(?:src|href)=\"(?!#|data:,)", page)
    assert not any("style" in attributes for _, attributes in reader.elements)


def test_a_text_by_somebody_else_is_shown_with_its_faults():
    text = "江州市科技馆2025年科普工作总结\n一、主要活动\n　　举办科普讲座64场，听众9800人次。全国科普日期间办展。\n【待补充：藏书】"
    sheet = sheet_of()
    evidence = of_text(text, review(text, sheet), sheet)
    page = read(html.page(evidence))
    wrong = [m for m in evidence.marks if m.finding.verdict not in FAITHFUL]
    assert [m.finding.surface for m in wrong] == ["64场"]
    assert wrong[0].sentence == "举办科普讲座64场，听众9800人次。"
    assert wrong[0].section == "一、主要活动"
    assert "1个有问题；1处待补充" in page.text
    assert "图书室藏书3200册" in page.text
    assert "全国科普日" in page.text
    assert "这里只核对，不改动文稿" in page.text


def test_every_verdict_has_a_label_and_all_but_one_a_letter():
    figures = [v for v in Verdict if v is not Verdict.OMITTED]
    assert all(v.label for v in Verdict)
    letters = [html.LETTERS[v] for v in figures]
    assert len(set(letters)) == len(letters)
    assert letters.count("") == 1


def test_the_same_draft_gives_the_same_page(sample):
    assert html.render(sample) == html.render(sample)


def test_this_year_is_drawn_beside_last_year():
    from kepudraft.pipeline import Drafter

    page = html.render(Drafter().draft(sheet_of()))
    drawing = page[page.index("<svg") : page.index("</svg>")]
    assert "46场" in drawing
    assert "上年40场" in drawing
    bars = [int(w) for w in re.findall(r'<rect x="200"[^>]* width="(\d+)"', drawing)]
    assert bars[1] / bars[0] == pytest.approx(40 / 46, abs=0.01)
    assert bars[3] / bars[2] == pytest.approx(9000 / 9800, abs=0.01)


@pytest.mark.parametrize(("fact", "name"), [
    ("科普讲座46场（上年40场）", "科普讲座"),
    ("特效影院放映1120场，观众7.9万人次（上年1046场、7.3万人次）", "特效影院放映·观众"),
    ("与28所学校开展馆校结合（上年24所）", "与28所学校开展馆校结合"),
])
def test_a_bar_is_named_by_what_it_counts(fact, name):
    from kepudraft.export.charts import comparisons
    from kepudraft.export.evidence import of_draft
    from kepudraft.pipeline import Drafter

    sheet = sheet_of(f"单位：江州市科技馆\n年度：2025\n{fact}\n")
    assert comparisons(of_draft(Drafter().draft(sheet)))[-1].name == name


def test_the_sections_bars_tell_what_is_told_and_what_is_not(sample):
    from kepudraft.export.charts import coverage
    from kepudraft.export.evidence import of_draft

    rows = {c.heading: (c.facts, c.figures) for c in coverage(of_draft(sample))}
    assert rows == {"（总述）": (0, 1), "一、主要活动": (2, 4), "二、存在问题": (1, 1), "没有写进去": (1, 0)}


_PIECES = st.sampled_from([
    "46场", "9800人次", "2025年", "，", "。", "\n", "　　", "一、主要活动",
    "（一）", "“", "”", "讲座", "【待补充：", "】", "8.9%", "<b>", "\u2028", " ",
])


@settings(max_examples=80, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_every_figure_of_any_text_is_marked_once(text):
    from kepudraft.verify.figures import verify

    sheet = sheet_of()
    report = verify(text, sheet)
    page = read(html.page(of_text(text, report, sheet)))
    marked = [a for tag, a in page.elements if tag == "a" and "fig" in (a.get("class") or "").split()]
    assert len(marked) == len(report.figures)
