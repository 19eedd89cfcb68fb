"""Facts, outline, sections and evidence as lines of a screen."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from kepudraft.assemble import chinese_ordinal
from kepudraft.compose.passage import Origin, Passage
from kepudraft.corpus import Excerpt
from kepudraft.facts.derive import with_derived
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.genre import Role
from kepudraft.llm.chat import Usage
from kepudraft.outline import Outline, SectionPlan
from kepudraft.session.prose import Judged, Placed, later
from kepudraft.session.screen import Piece, Row, Screen, Tone
from kepudraft.session.shaping import headed, number_of
from kepudraft.session.work import Work
from kepudraft.verify.form import FormFinding, Severity
from kepudraft.verify.report import FAITHFUL, Finding, Verdict

Excerpts = Callable[[str], Excerpt | None]
"""The exemplar passage of an id, None for one that is not there any more."""

_STATUS = {Status.DONE: "", Status.PLANNED: "计划", Status.PROBLEM: "问题"}
_ORIGINS = {Origin.MODEL: "模型", Origin.REPAIRED: "模型，核对后改写", Origin.OFFLINE: "程序", Origin.PERSON: "本人"}
_MAX_SHOWN = 60
_EXCERPT_CHARS = 60


def show_facts(screen: Screen, work: Work) -> None:
    """What was understood, figure by figure, with its source, and what was noticed."""
    sheet = work.sheet
    screen.say(f"{sheet.unit}（{sheet.unit_type}），{sheet.year}年度，共{len(sheet.facts)}条事实", Tone.HEAD)
    rows: list[Row] = []
    for fact in sheet.facts:
        amounts = "、".join(f.surface for f in fact.figures) or "没有数字"
        last = f"；上年{fact.last}" if fact.last else ""
        status = f"［{_STATUS[fact.status]}］" if _STATUS[fact.status] else ""
        rows.append([(fact.id, Tone.HEAD), (f"{status}{fact.text}", Tone.PLAIN), (f"〔{amounts}{last}〕{fact.source}", Tone.FAINT)])
    _ragged(screen, rows)
    if names := later(work):
        screen.say(f"待补充：{'、'.join(names)}", Tone.WARN)
    for remark in work.remarks:
        screen.say(f"注意：{remark}", Tone.WARN)


def show_added(screen: Screen, facts: Sequence[Fact], remarks: Sequence[str]) -> None:
    """Facts just taken in."""
    for fact in facts[:_MAX_SHOWN]:
        status = f"［{_STATUS[fact.status]}］" if _STATUS[fact.status] else ""
        last = f"（上年{fact.last}）" if fact.last else ""
        screen.row([(f"  记下 {fact.id} ", Tone.GOOD), (f"{status}{fact.text}{last}", Tone.PLAIN)])
    if len(facts) > _MAX_SHOWN:
        screen.say(f"  …共{len(facts)}条，/facts 查看全部")
    for remark in remarks[:_MAX_SHOWN]:
        screen.say(f"  注意：{remark}", Tone.WARN)


def show_outline(screen: Screen, work: Work, outline: Outline) -> None:
    """Title and sections with number, heading, number of facts, length and state."""
    screen.say(outline.title, Tone.HEAD)
    for section in outline.sections:
        number = number_of(outline, section.role.value)
        own = [i for i in section.fact_ids if not i.startswith("D")]
        told = f"{len(own)}条事实，约{section.target_chars}字" if own else "还没有事实，会标出【待补充】" if section.heading else "一句开头"
        screen.row([(f"  {number}  {section.heading or '（总述）'}", Tone.PLAIN), (f"  {told}{_state(work, section)}", Tone.FAINT)])
        for part in section.parts:
            screen.say(f"       · {part.heading}")
    for unused in outline.unused:
        fact = work.fact(unused.fact_id)
        screen.say(f"  不写进正文：{unused.fact_id} {fact.text if fact else ''}（{unused.reason}）", Tone.WARN)


def show_section(screen: Screen, plan: SectionPlan, passages: tuple[Passage, ...], number: str) -> None:
    """A section's prose under its heading."""
    screen.say(f"{number}{plan.heading}" if plan.heading else "（总述）", Tone.HEAD)
    show_prose(screen, plan, passages)


def show_prose(screen: Screen, plan: SectionPlan, passages: tuple[Passage, ...]) -> None:
    """A section's prose, its parts under their headings."""
    in_parts = len(passages) == len(plan.parts)
    for n, passage in enumerate(passages):
        if in_parts:
            screen.say(f"（{n + 1}）{plan.parts[n].heading}", Tone.HEAD)
        screen.say(passage.text)


def show_figures(
    screen: Screen, work: Work, judged: Judged, role: str, passages: tuple[Passage, ...], *, number: int, excerpts: Excerpts
) -> None:
    """Every figure of a section with its verdict in words and its fact; beside them the exemplars that lent the style."""
    sheet = with_derived(work.sheet)
    left: list[Row] = [[("数字核对：", Tone.HEAD)]]
    found = judged.findings(role)
    left += [_figure(f, p, sheet, number) for p, f in found] or [[("  没有数字", Tone.PLAIN)]]
    right: list[Row] = []
    ids = list(dict.fromkeys(i for p in passages for i in p.exemplar_ids))
    if ids:
        right.append([("参考的范文（只借写法，不借内容）：", Tone.HEAD)])
    for name in ids:
        excerpt = excerpts(name)
        words = f"{excerpt.heading or '总述'}：{' '.join(excerpt.text.split())[:_EXCERPT_CHARS]}…" if excerpt else "（已移除）"
        right.append([(f"  {name} ", Tone.FAINT), (words, Tone.PLAIN)])
    screen.beside(left, right)


def show_evidence(screen: Screen, work: Work, placed: Sequence[Placed], judged: Judged, *, number: int, excerpts: Excerpts) -> None:
    """Sentences with who wrote them, their facts with file and place, formulas, figures and exemplars."""
    sheet = with_derived(work.sheet)
    facts = {f.id: f for f in sheet.facts}
    for p in placed:
        screen.row([(f"{number}.{p.n} ", Tone.HEAD), (p.sentence.text, Tone.PLAIN), (f"（{_ORIGINS[p.sentence.origin]}写）", Tone.FAINT)])
        for finding in (f for q, f in judged.findings(p.role) if q is p):
            screen.row([*_figure(finding, None, sheet, number)])
        for fact in (facts[i] for i in p.sentence.fact_ids if i in facts):
            shown = f"{fact.id} {fact.formula or fact.text}（{fact.source}{'；口径：' + fact.note if fact.note else ''}）"
            screen.say(f"    依据 {shown}")
        if not p.sentence.fact_ids and not p.sentence.gap:
            screen.say("    这一句没有用到事实")
    written = work.written(placed[0].role) if placed else None
    for name in dict.fromkeys(i for passage in (written.passages if written else ()) for i in passage.exemplar_ids):
        excerpt = excerpts(name)
        screen.say(f"    范文 {name}：{' '.join(excerpt.text.split())[:160] if excerpt else '（已移除）'}", Tone.FAINT)


def show_diff(screen: Screen, old: tuple[Passage, ...], new: tuple[Passage, ...]) -> None:
    """Sentences that are gone (－) and new (＋); those that stayed are only counted."""
    before, after = ([s.text for p in version for s in p.sentences] for version in (old, new))
    same = 0
    for line in difflib.ndiff(before, after):
        if line.startswith("- "):
            screen.say(f"  － {line[2:]}", Tone.BAD)
        elif line.startswith("+ "):
            screen.say(f"  ＋ {line[2:]}", Tone.GOOD)
        else:
            same += line.startswith("  ")
    screen.say(f"  另有{same}句没有变")


def show_check(screen: Screen, work: Work, judged: Judged, form: Sequence[FormFinding]) -> None:
    """The whole draft: figures that no fact bears, facts that are not told, gaps, form."""
    figures = judged.report.figures
    bad = judged.report.unfaithful
    tone = Tone.BAD if bad else Tone.GOOD
    screen.say(f"共{len(figures)}个数字，{f'{len(bad)}个没有依据' if bad else '全部有依据'}", tone)
    for finding in bad:
        screen.say(f"  {finding.surface}：{finding.verdict.label}，{finding.explanation}", Tone.BAD)
    untold = [f for f in work.facts if f.id in judged.report.unused]
    omitted: dict[str, list[str]] = {}
    for finding in judged.report.findings:
        if finding.verdict is Verdict.OMITTED and finding.fact_id not in {f.id for f in untold}:
            omitted.setdefault(finding.fact_id, []).append(finding.surface)
    if untold or omitted:
        screen.say("没有写进去的事实：", Tone.WARN)
    for fact in untold:
        screen.say(f"  {fact.id} {fact.text}")
    for fact_id, surfaces in omitted.items():
        told = work.fact(fact_id)
        screen.say(f"  {fact_id} {told.text if told else ''}：缺{'、'.join(surfaces)}")
    gaps = [p.sentence.gap for p in judged.placed if p.sentence.gap]
    if gaps:
        screen.say(f"待补充：{'；'.join(gaps)}", Tone.WARN)
    for fault in form:
        label = "格式有误" if fault.severity is Severity.ERROR else "格式提醒"
        screen.say(f"{label}：{fault.explanation}", Tone.BAD if fault.severity is Severity.ERROR else Tone.WARN)
    chars = sum(len(p.sentence.text) for p in judged.placed)
    screen.say(f"正文{chars}字" + (f"，目标{work.length}字" if work.length else ""))


def show_cost(screen: Screen, model: str, usage: Usage, requests: int) -> None:
    """Requests and tokens so far."""
    screen.say(f"模型：{model or '没有用模型（离线起草）'}")
    if not requests:
        screen.say("还没有向模型提过问，没有费用")
        return
    about = "" if usage.counted else "（模型没有报数，按字数估计）"
    screen.say(f"共{requests}次请求，读{usage.prompt}词元（其中{usage.cached}走缓存），写{usage.completion}词元{about}")


def _state(work: Work, section: SectionPlan) -> str:
    written = work.written(section.role.value)
    if written is None:
        return ""
    return "，已锁定" if written.locked else "，已接受" if written.accepted else "，已写"


def _figure(finding: Finding, placed: Placed | None, sheet: FactSheet, number: int) -> list[Piece]:
    facts = {f.id: f for f in sheet.facts}
    good = finding.verdict in FAITHFUL
    fact = facts.get(finding.fact_id)
    why = finding.explanation
    if fact and good and not fact.formula and finding.verdict is not Verdict.DERIVED:
        why = f"{fact.id} {fact.text}（{fact.source}）"
    at = f"{number}.{placed.n}" if placed else "   "
    return [
        (f"  {at} ", Tone.FAINT), (finding.surface, Tone.HEAD), (" ", Tone.PLAIN),
        (finding.verdict.label, Tone.GOOD if good else Tone.BAD), (f"  {why}", Tone.PLAIN if good else Tone.BAD),
    ]


def _ragged(screen: Screen, rows: Sequence[Row]) -> None:
    """Rows with the first piece under one another; texts are too long for columns."""
    width = max((len(r[0][0]) for r in rows), default=0)
    for row in rows:
        screen.row([(f"  {row[0][0]:<{width}}  ", row[0][1]), row[1], (" ", Tone.PLAIN), *row[2:]])


def title_of(outline: Outline, role: str) -> str:
    """How a section is called when it is spoken of: 第2部分“…”, or 总述."""
    number = number_of(outline, role)
    section = next((s for s in headed(outline) if s.role.value == role), None)
    return f"第{number}部分“{section.heading}”" if section else "结语" if role == Role.CLOSING else "总述"


def number(outline: Outline, role: str) -> int:
    """The printed number of a section, 0 for the overview."""
    return number_of(outline, role)


def mark(outline: Outline, role: str) -> str:
    """二、 for the second section, "" for one without number."""
    n = number_of(outline, role)
    return f"{chinese_ordinal(n)}、" if n else ""
