"""The lists and the table of the evidence page: facts, exemplars, what is missing, faults of form, and the figure table."""

from __future__ import annotations

from collections.abc import Mapping

from kepudraft.export.checklist import HEADINGS, TITLE, rows
from kepudraft.export.evidence import Evidence
from kepudraft.export.markup import Markup, element
from kepudraft.facts.sheet import Fact, Status
from kepudraft.verify.form import Severity
from kepudraft.verify.report import FAITHFUL

_STATUS = {Status.PLANNED: "计划", Status.PROBLEM: "问题"}
_MAX_EXEMPLAR = 400
_FIGURE_COLUMN = 1


def fact_cards(evidence: Evidence) -> Markup:
    """Every fact with its file and cell, and the figures that rest on it."""
    uses: dict[str, list[int]] = {}
    for mark in evidence.marks:
        for fact_id in mark.fact_ids:
            uses.setdefault(fact_id, []).append(mark.number)
    missing = {m.fact_id: m.reason for m in evidence.missing}
    cards = [_fact(n, f, uses.get(f.id, []), missing.get(f.id, "")) for n, f in enumerate(evidence.sheet.facts)]
    return element("details", element("summary", f"事实（{len(cards)}条）"), *cards, class_="block", id="facts", open=True)


def _fact(number: int, fact: Fact, uses: list[int], missing: str) -> Markup:
    rows = [element("p", element("b", fact.id), fact.text, element("span", tag, class_="tag") if (tag := _STATUS.get(fact.status)) else "")]
    if fact.formula:
        rows.append(element("p", f"由{'、'.join(fact.inputs)}算出：{fact.formula}", class_="from"))
    rows.append(element("p", f"出处：{fact.source}", class_="from"))
    rows += [
        element("p", f"{name}：{value}", class_="from") for name, value in (("上年", fact.last), ("口径", fact.note)) if value
    ]
    if missing:
        rows.append(element("p", f"没有写进去：{missing}", class_="from"))
    if uses:
        links = [element("a", f"第{n}处", href=f"#fig-{n}", data_n=n) for n in dict.fromkeys(uses)]
        rows.append(element("p", "写到：", *links, class_="from uses"))
    return element("div", *rows, class_="card unused" if missing else "card", id=f"fact-{number}")


def exemplar_cards(evidence: Evidence) -> Markup:
    """Passages that were shown for the draft, with what they were to it."""
    by_model = evidence.provenance is not None and bool(evidence.provenance.model)
    role = "借鉴文风的范文" if by_model else "相近的范文（供参考，没有抄用）"
    cards = []
    for number, excerpt in enumerate(evidence.exemplars):
        text = excerpt.text if len(excerpt.text) <= _MAX_EXEMPLAR else f"{excerpt.text[:_MAX_EXEMPLAR]}…"
        year = f"，{excerpt.year}年" if excerpt.year else ""
        name = element("p", element("b", excerpt.heading or "总述"), f"（{excerpt.exemplar_id}，{excerpt.unit_type}{year}）")
        cards.append(element("div", name, element("blockquote", text), class_="card", id=f"exemplar-{number}"))
    body = cards or [element("p", "没有附范文。", class_="from")]
    note = element("p", "范文只供文风参考，其中的数字、地名不进入文稿。", class_="from") if cards else ""
    return element("details", element("summary", f"范文（{len(cards)}段）"), note, *body, class_="block", id="exemplars", data_role=role)


def gap_list(evidence: Evidence) -> Markup:
    """What a person has to supply."""
    return _listed("待补充", [element("li", gap) for gap in evidence.gaps], "没有待补充的内容。", "gaps")


def missing_list(evidence: Evidence) -> Markup:
    """What the facts hold and the text lacks, with the reason."""
    facts = {f.id: f for f in evidence.sheet.facts}
    items = [
        element("li", element("b", m.fact_id), " ", facts[m.fact_id].text, f"（{facts[m.fact_id].source}）：{m.reason}")
        for m in evidence.missing if m.fact_id in facts
    ]
    return _listed("没有写进去的事实", items, "事实全部写入。", "missing")


def change_list(evidence: Evidence) -> Markup:
    """What was changed since the export; nothing where that is not known."""
    return _listed("与导出时相比", [element("li", c) for c in evidence.changes], "", "changes") if evidence.changes else Markup()


def form_list(evidence: Evidence) -> Markup:
    """Faults of form; nothing where they were not looked for."""
    if not evidence.form:
        return Markup()
    items = [
        element("li", element("b", "有误：" if f.severity is Severity.ERROR else "提醒："), f.explanation,
                f"（“{f.surface[:40]}{'…' if len(f.surface) > 40 else ''}”）" if f.surface else "")
        for f in evidence.form
    ]
    return _listed("格式和用语", items, "", "form")


def _listed(name: str, items: list[Markup], none: str, place: str) -> Markup:
    body = element("ul", *items) if items else element("p", none)
    return element("section", element("h2", f"{name}（{len(items)}）" if items else name), body, class_="block", id=place)


def checklist(evidence: Evidence, facts_of: Mapping[int, str | None]) -> Markup:
    """The figure table, with an empty column for a signature.

    Args:
        evidence: What was judged.
        facts_of: For each figure's number the places of its facts on the page.
    """
    made = []
    for row, mark in zip(rows(evidence), evidence.marks, strict=True):
        cells = [
            element("td", element("a", cell, href=f"#fig-{row.number}", data_n=row.number) if n == _FIGURE_COLUMN else cell)
            for n, cell in enumerate(row.cells)
        ]
        wrong = "wrong" if mark.finding.verdict not in FAITHFUL else None
        made.append(element(
            "tr", *cells, id=f"row-{row.number}", class_=wrong, data_v=mark.finding.verdict.value, data_f=facts_of.get(row.number),
            data_why=mark.finding.explanation,
        ))
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in HEADINGS)))
    columns = element("colgroup", *(element("col", class_=f"c{n}") for n in range(len(HEADINGS))))
    table = element("table", columns, head, element("tbody", *made), id="checklist")
    signed = element("p", "核对人（签字）：　　　　　　　　　　　　日期：　　　　年　　月　　日", class_="signed")
    heading = element("h2", f"{TITLE}（{len(made)}个数字）")
    return element("section", heading, element("div", table, class_="scroll"), signed, class_="block checklist")
