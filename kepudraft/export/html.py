"""The evidence page: one HTML file that needs nothing else, in which every figure leads to what bears it.

All of it stands in the page as plain elements, made by `markup`, so that it can be read and printed without a script;
the script (page/page.js) only shows what stands there already. Its Content-Security-Policy lets nothing run but that
script, by its hash, and nothing be fetched: a fact that holds markup would stay text even if escaping failed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from kepudraft.assemble import Draft
from kepudraft.compose.passage import Origin
from kepudraft.corpus import Excerpt
from kepudraft.export.charts import coverage_chart, year_chart
from kepudraft.export.evidence import Evidence, Mark, Paragraph, Stretch, of_draft
from kepudraft.export.html_lists import (
    change_list,
    checklist,
    exemplar_cards,
    fact_cards,
    form_list,
    gap_list,
    missing_list,
)
from kepudraft.export.lines import Kind
from kepudraft.export.markup import Markup, element, escaped, joined
from kepudraft.verify.report import FAITHFUL, Verdict

LETTERS = {
    Verdict.SUPPORTED: "", Verdict.EQUIVALENT: "等", Verdict.ROUNDED: "约", Verdict.DERIVED: "算", Verdict.GENERAL: "公",
    Verdict.MISATTRIBUTED: "错", Verdict.HEDGE_CHANGED: "度", Verdict.STATUS_CHANGED: "计", Verdict.CONFLICTING: "矛",
    Verdict.UNSUPPORTED: "无", Verdict.LEAKED: "范",
}
"""The letter behind a figure: a verdict is told by it and by the line under the figure, not by colour alone."""

ORIGINS = {
    Origin.MODEL: ("模型", "由模型起草，数字已核对"),
    Origin.REPAIRED: ("模型改", "由模型起草，核对后由模型改过"),
    Origin.OFFLINE: ("规则", "由程序按规则写成，没有用模型"),
    Origin.PERSON: ("人工", "由人撰写或改写"),
}
"""Tag before a sentence, and what it means."""

_MEANINGS = (
    (Verdict.SUPPORTED, "与事实一致（实线）"), (Verdict.EQUIVALENT, "相等，写法不同（双线）"), (Verdict.ROUNDED, "事实的约数（点线）"),
    (Verdict.DERIVED, "由事实算出（虚线）"), (Verdict.GENERAL, "年度、公共用语（细灰线）"),
)
_TAGS = {Kind.TITLE: "h1", Kind.HEADING: "h2"}


@dataclass(frozen=True, slots=True)
class _Places:
    """Where facts and exemplars stand on the page, by id: ids of the user's never become attributes."""

    facts: dict[str, int]
    exemplars: dict[str, int]

    def of_facts(self, ids: Iterable[str]) -> str | None:
        return " ".join(str(self.facts[i]) for i in dict.fromkeys(ids) if i in self.facts) or None

    def of_exemplars(self, ids: Iterable[str]) -> str | None:
        return " ".join(str(self.exemplars[i]) for i in dict.fromkeys(ids) if i in self.exemplars) or None


def render(draft: Draft, exemplars: Iterable[Excerpt] = ()) -> str:
    """The evidence page of a draft.

    Args:
        draft: The draft.
        exemplars: Passages that were shown for it, where their texts are at hand.
    """
    return page(of_draft(draft, exemplars))


def page(evidence: Evidence) -> str:
    """The evidence page, ending in a line break; the same evidence gives the same page."""
    places = _Places(
        {f.id: n for n, f in enumerate(evidence.sheet.facts)}, {e.id: n for n, e in enumerate(evidence.exemplars)}
    )
    body = joined(
        _head(evidence),
        _tools(evidence),
        element("main", _sheet(evidence, places), _side(evidence), class_="grid"),
        _rest(evidence, places),
    )
    style, script = _file("page.css"), _file("page.js")
    return Template(_file("page.html")).substitute(
        title=escaped(f"{evidence.title or '文稿'} · 数字核对页"), body=body, style=style, script=script,
        style_hash=_hash(style), script_hash=_hash(script),
    )


@cache
def _file(name: str) -> str:
    return (files("kepudraft.export") / "page" / name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _head(evidence: Evidence) -> Markup:
    sheet, bad = evidence.sheet, len(evidence.unfaithful)
    count = len(evidence.marks)
    told = "没有数字" if not count else f"共{count}个数字，" + (f"{bad}个有问题" if bad else "全部有依据")
    if evidence.gaps:
        told += f"；{len(evidence.gaps)}处待补充"
    sources = "、".join(sorted({f.source.file for f in sheet.facts}))
    meta = f"{sheet.unit}（{sheet.unit_type}），{sheet.year}年度。依据：{sources or '没有事实'}，{sum(not f.formula for f in sheet.facts)}条事实。"
    return element(
        "header", element("p", "科普工作总结 · 数字核对页", class_="kicker"),
        element("p", told, class_="verdict bad" if bad else "verdict"), element("p", meta, _origin_line(evidence), class_="meta"),
        class_="top",
    )


def _origin_line(evidence: Evidence) -> str:
    """Who wrote how many sentences, and with what."""
    made = _origins(evidence)
    if evidence.provenance is None:
        return f"导出后由人改写或新加{len(made)}句。" if made else "这里只核对，不改动文稿。"
    counts = "、".join(f"{ORIGINS[o][0]}{made.count(o)}句" for o in Origin if o in made)
    came = evidence.provenance
    by = f"模型 {came.model}" if came.model else "没有用模型"
    return f"起草：{by}；句子来源：{counts or '无'}。kepudraft {came.version}，种子{came.seed}。"


def _origins(evidence: Evidence) -> list[Origin]:
    return [s.origin for p in evidence.paragraphs for s in p.stretches if s.origin is not None]


def _tools(evidence: Evidence) -> Markup:
    verdicts = [m.finding.verdict for m in evidence.marks]
    chips = [_chip("all", f"全部 {len(verdicts)}", pressed=True), _chip("wrong", f"有问题 {len(evidence.unfaithful)}", wrong=True)]
    chips += [
        _chip(v.value, f"{v.label} {verdicts.count(v)}", wrong=v not in FAITHFUL) for v in Verdict if v in verdicts
    ]
    origins = []
    if _origins(evidence):
        origins = [element("button", "句子来源", type="button", id="origins", aria_pressed="false", title="在每句前标出是谁写的（键 O）")]
    return element(
        "nav", element("span", "只看：", class_="sr"), *chips, element("span", "", id="status", role="status"), element("span", "", class_="gap"),
        element("button", "上一个", type="button", id="previous", title="键 ←"), element("button", "下一个", type="button", id="next", title="键 →"),
        *origins, element("button", "打印", type="button", id="print"), class_="tools", aria_label="筛选和翻看",
    )


def _chip(value: str, label: str, *, pressed: bool = False, wrong: bool = False) -> Markup:
    return element(
        "button", label, type="button", class_="chip wrong" if wrong else "chip", data_v=value, aria_pressed="true" if pressed else "false"
    )


def _sheet(evidence: Evidence, places: _Places) -> Markup:
    left = list(evidence.marks)
    return element("article", *(_paragraph(p, left, places) for p in evidence.paragraphs), class_="sheet", aria_label="文稿")


def _paragraph(paragraph: Paragraph, left: list[Mark], places: _Places) -> Markup:
    name = _TAGS.get(paragraph.kind, "p")
    if paragraph.kind is Kind.HEADING and paragraph.level != 1:
        name = "h3"
    signed = paragraph.kind in (Kind.UNIT, Kind.DATE)
    return element(name, *(_stretch(s, left, places) for s in paragraph.stretches), class_="sign" if signed else None)


def _stretch(stretch: Stretch, left: list[Mark], places: _Places) -> Markup:
    """A sentence with its figures marked; `left` are the marks not yet placed, in reading order."""
    parts: list[str] = []
    at, end = stretch.start, stretch.start + len(stretch.text)
    facts = list(stretch.fact_ids)
    while left and stretch.start >= 0 and left[0].finding.span and left[0].finding.span.start < end:
        mark = left.pop(0)
        assert mark.finding.span is not None  # the loop's own condition
        start = max(at, mark.finding.span.start)
        parts.append(stretch.text[at - stretch.start : start - stretch.start])
        at = max(start, min(mark.finding.span.end, end))
        parts.append(_figure(mark, stretch.text[start - stretch.start : at - stretch.start], places))
        facts += mark.fact_ids
    parts.append(stretch.text[at - stretch.start :] if stretch.start >= 0 else stretch.text)
    tag, meaning = ORIGINS[stretch.origin] if stretch.origin else (None, None)
    return element(
        "span", *parts, class_="s todo" if stretch.is_gap or "【待补充" in stretch.text else "s", data_o=stretch.origin, data_ol=tag,
        data_on=meaning, data_f=places.of_facts(facts), data_e=places.of_exemplars(stretch.exemplar_ids),
    )


def _figure(mark: Mark, text: str, places: _Places) -> Markup:
    verdict = mark.finding.verdict
    wrong = verdict not in FAITHFUL
    return element(
        "a", text, href=f"#row-{mark.number}", id=f"fig-{mark.number}", class_="fig wrong" if wrong else f"fig {verdict.value}",
        data_n=mark.number, data_v=verdict.value, data_m=LETTERS[verdict] or None, data_f=places.of_facts(mark.fact_ids),
    )


def _side(evidence: Evidence) -> Markup:
    detail = element("section", "", id="detail", class_="empty", aria_live="polite", aria_label="所点数字的依据")
    return element("aside", detail, fact_cards(evidence), exemplar_cards(evidence), class_="side", id="side", aria_label="事实和范文")


def _rest(evidence: Evidence, places: _Places) -> Markup:
    charts = [c for c in (year_chart(evidence), coverage_chart(evidence)) if c]
    drawn = element("section", element("div", *charts, class_="charts"), class_="block") if charts else Markup()
    table = checklist(evidence, {m.number: places.of_facts(m.fact_ids) for m in evidence.marks})
    return element(
        "div", _legend(evidence), gap_list(evidence), missing_list(evidence), change_list(evidence), form_list(evidence), drawn, table,
        class_="rest",
    )


def _legend(evidence: Evidence) -> Markup:
    samples = [
        element("span", element("span", "46场", class_=f"fig {v.value}", data_m=LETTERS[v] or None), f" {meaning}")
        for v, meaning in _MEANINGS
    ]
    bad = [v for v in Verdict if v not in FAITHFUL and v in LETTERS]
    letters = "，".join(f"{LETTERS[v]}＝{v.label}" for v in bad)
    samples.append(element("span", element("span", "46场", class_="fig wrong", data_m="错"), f" 有问题（波浪线，红底）：{letters}"))
    if made := _origins(evidence):
        samples.append(element("span", "句子来源：" + "；".join(f"{ORIGINS[o][0]}＝{ORIGINS[o][1]}" for o in Origin if o in made)))
    keys = [element("kbd", k) for k in ("→", "←", "[", "]", "W", "A", "O", "Esc")]
    help_line = element(
        "p", "按键：", keys[0], " 下一个数字，", keys[1], " 上一个，", keys[3], " 下一句，", keys[2], " 上一句，", keys[4], " 只看有问题的，",
        keys[5], " 看全部，", keys[6], " 句子来源，", keys[7], " 关闭依据。", class_="keys",
    )
    return element("section", element("h2", "图例"), element("div", *samples, class_="legend"), help_line, class_="block")
