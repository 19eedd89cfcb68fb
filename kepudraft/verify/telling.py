"""Does a sentence tell its facts, all of them, once, and nothing else? What is wrong is said in words for whoever writes it again.

`verify` judges figures of a text against a whole sheet; here it is known which facts each sentence was given, so that a figure
left out, told twice or taken from elsewhere is seen although it is true.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import scan
from kepudraft.verify.beside import Stray, misplaced, strays
from kepudraft.verify.figures import verify
from kepudraft.verify.grounding import Ungrounded, denied_elsewhere, grounding_rules, ungrounded, unkept, without_praise
from kepudraft.verify.leak import leaks
from kepudraft.verify.lent import AND
from kepudraft.verify.report import FAITHFUL, Finding, Verdict
from kepudraft.verify.worded import CLAUSE, Said

_REMAINS = re.compile(r"〔数〕|⟦|⟧|【|】|[{}]|\*\*|^#|事实：|正文：|标题：|原句：|问题：\d")
_MARKS = re.compile(r"[^\u4e00-\u9fff0-9A-Za-z%]+")
_UNFINISHED = re.compile(r"(?:[、，,]|(?<!目)的|(?<![参赠])与|(?<![缓总温])和|以及|由于|关于)$")
_DANGLING = re.compile("(通过|随着)[^，,；;]*$")  # 通过培训农民4.6万人次: a means to nothing
_DOUBLED = re.compile("(（[^（）]{1,8}）)\\1")  # 46件（套）（套）
_PAIRS = (("（", "）"), ("“", "”"), ("《", "》"))
# Signs of which prose is made; any other must be the facts' own. Controls and marks of direction change what is seen or end a file.
_ODD = re.compile(r"[^\u4e00-\u9fff0-9０-９A-Za-z，,。；;、：:“”‘’（）()《》！!？?—～·….%％‰ －-]")
# What may be a number though no figure was read there; 一 is free (一批, 统一), and so are these in idioms of the facts.
_NUMERAL = re.compile("[0-9０-９]+|[零〇二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿半]+|(?<=[，、为达共]) ?一(?=[，。；、])")
_HEDGED = re.compile("[余许多](?=[，,。；;、）)])")  # 24场余
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_MOST_MOVED = 4  # changes of one sentence
_TWICE = 3  # characters from which a run that comes again is the same thing said twice
_CUT = "，,；;"
# What a fact's standing lets a sentence say of it: words of grounding.toml.
_STANDING = {Status.DONE: "已", Status.PLANNED: "将", Status.PROBLEM: "不足"}


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence with the facts it was given and what it may say beside them.

    Attributes:
        text: The sentence as it would be printed.
        lead: Its beginning that is not the writer's.
        facts: What it has to tell; computed ones may be left out.
        known: The offline wording, and the names of the unit and of what it is.
    """

    text: str
    lead: str
    facts: tuple[Fact, ...]
    known: str

    @property
    def given(self) -> str:
        """All words that may be said by right."""
        standing = (_STANDING[f.status] for f in self.facts)
        return "\n".join([*(f"{f.subject}{f.topic}{f.text}{f.last}" for f in self.facts), self.known, self.lead, *standing])


def trimmed(telling: Telling) -> str:
    """The sentence without words of praise, and without clauses that claim what no fact holds and bear no figure.

    A first clause is never cut: what hangs on it would stand alone. A change that stands behind another figure goes behind its own.
    """
    text = telling.lead + without_praise(telling.text.removeprefix(telling.lead), telling.given)
    text = _reordered(text, telling)
    for spans in (_told_again, _strayed, _empty):
        for start, end in reversed(spans(text, telling)):
            text = text[: start - 1] + text[end:]
    for claim in reversed(ungrounded(text, telling.given)):
        before = text[: claim.start]
        if not claim.has_figure and before.endswith(tuple(_CUT)) and len(before) > len(telling.lead) + 1:
            text = before[:-1] + text[claim.end :]
    return text


def _told_again(text: str, telling: Telling) -> list[tuple[int, int]]:
    """Clauses, but the first, whose every figure was told before and once more than the facts have it (…1次，全年共播放1次)."""
    room = Counter(figure.surface for fact in telling.facts for figure in fact.figures)
    room += Counter(figure.surface for figure in scan(telling.known).figures) - room
    told: Counter[str] = Counter()
    again = []
    figures = scan(text).figures
    for clause in CLAUSE.finditer(text):
        own = [f.surface for f in figures if clause.start() <= f.span.start < clause.end()]
        if own and clause.start() > len(telling.lead) and text[clause.start() - 1] in _CUT and all(told[s] >= max(1, room[s]) for s in own):
            again.append(clause.span())
        else:
            told.update(own)
    return again


def _reordered(text: str, telling: Telling) -> str:
    """«讲座24场，其中健康讲座10场，增加4场» -> «讲座24场，增加4场，其中健康讲座10场» where the 24场 are what grew."""
    for _ in range(_MOST_MOVED):
        found = strays(text, telling.facts)
        lone = _lone(text, telling, found)
        stray = next((s for s in found if not s.named and any(start <= s.at < end for start, end in lone)), None)
        if stray is None:
            break
        start, end = next(span for span in lone if span[0] <= stray.at < span[1])
        owner_end = next(c.end() for c in CLAUSE.finditer(text) if c.end() > stray.owner_at)
        clause = text[start:end]
        if start > owner_end:
            text = f"{text[:owner_end]}，{clause}{text[owner_end : start - 1]}{text[end:]}"
        else:
            text = f"{text[: start - 1]}{text[end:owner_end]}，{clause}{text[owner_end:]}"
    return text


def _strayed(text: str, telling: Telling) -> list[tuple[int, int]]:
    """Clauses of changes that have no place to go: nobody asked for them."""
    return _lone(text, telling, strays(text, telling.facts))


def _lone(text: str, telling: Telling, found: Sequence[Stray]) -> list[tuple[int, int]]:
    """Clauses, but the first, that tell nothing but computed changes of other figures than those before them."""
    if not found:
        return []
    places = {s.at for s in found}
    figures = [f.span.start for f in scan(text).figures]
    return [
        clause.span() for clause in CLAUSE.finditer(text)
        if clause.start() > len(telling.lead) and text[clause.start() - 1] in _CUT
        and (own := {at for at in (*figures, *places) if clause.start() <= at < clause.end()}) and own <= places
    ]


def _empty(text: str, telling: Telling) -> list[tuple[int, int]]:
    """Clauses, but the first, with no figure and no word of the facts that was not said before (…活动14项，参与活动)."""
    facts = Said.of(fold("\n".join(f"{f.subject}{f.topic}{f.text}{f.last}" for f in telling.facts)))
    figures = [f.span.start for f in scan(text).figures]
    return [
        clause.span() for clause in CLAUSE.finditer(text)
        if clause.start() > len(telling.lead) and text[clause.start() - 1] in _CUT
        and not any(clause.start() <= at < clause.end() for at in figures)
        and not facts.shares(fold(clause.group()), beside=Said.of(fold(text[: clause.start()])))
    ]


def is_copied(telling: Telling) -> bool:
    """True if the sentence is the facts' own text and nothing more: terse notes, not yet prose."""
    body = telling.text.removeprefix(telling.lead)
    return _MARKS.sub("", fold(body)) == _MARKS.sub("", fold("".join(f.text for f in telling.facts if not f.formula)))


def faults(tellings: Sequence[Telling], heading: str, sheet: FactSheet, exemplars: Sequence[str]) -> list[tuple[str, ...]]:
    """What is wrong with each sentence; empty where nothing is.

    Args:
        tellings: The sentences of one section, in order.
        heading: Of the section, "" for none: figures under a heading of plans are plans.
        sheet: All facts.
        exemplars: Passages shown to the writer.
    """
    if not tellings:
        return []
    head = f"一、{heading}\n" if heading else ""
    starts, at = [], len(head)
    for telling in tellings:
        starts.append(at)
        at += len(telling.text) + 1
    report = verify(head + "\n".join(t.text for t in tellings), sheet)
    by_line: list[list[Finding]] = [[] for _ in tellings]
    for finding in report.figures:
        if finding.span and finding.span.start >= len(head):
            by_line[bisect_right(starts, finding.span.start) - 1].append(finding)
    omitted = [f for f in report.findings if f.verdict is Verdict.OMITTED]
    return [
        (*_figures(t, found, omitted), *_words(t), *_claims(t), *_form(t), *(f"“{w}”抄自范文" for w in leaks(t.text, exemplars, t.given)))
        for t, found in zip(tellings, by_line, strict=True)
    ]


def _figures(telling: Telling, found: Sequence[Finding], omitted: Sequence[Finding]) -> list[str]:
    ids = {f.id for f in telling.facts} | {i for f in telling.facts for i in f.inputs}
    own = {f.id for f in telling.facts if not f.formula}
    values = {figure.surface for f in telling.facts for figure in f.figures} | {_bare(f.last) for f in telling.facts if f.last}
    problems = [f"“{f.surface}”不对：{f.explanation}" for f in found if f.verdict not in FAITHFUL]
    problems += [f"漏了“{f.surface}”" for f in omitted if f.fact_id in own]
    strangers = [
        f for f in found
        if f.verdict in FAITHFUL and f.verdict not in (Verdict.GENERAL, Verdict.DERIVED) and f.fact_id and f.fact_id not in ids
        and f.surface not in values and f.span is not None
    ]
    problems += [f"“{f.surface}”是别的事情的数字" for f in strangers if f.surface not in telling.lead]
    told = Counter((f.fact_id, f.surface) for f in found if f.fact_id in own and f.verdict in FAITHFUL)
    for fact in telling.facts:
        room = Counter(figure.surface for figure in fact.figures)
        for (fact_id, surface), times in told.items():
            if fact_id == fact.id and times > max(1, room[surface]):
                problems.append(f"“{surface}”写了{times}遍")
    problems += _unread(telling)
    problems += misplaced(telling.text.removeprefix(telling.lead), telling.facts)
    return list(dict.fromkeys(problems))


def _unread(telling: Telling) -> list[str]:
    """Numbers that were not read as figures, so that nobody judged them, and that do not stand so in the facts."""
    given, body = fold(telling.given), fold(telling.text)
    spans = [f.span for f in scan(telling.text).figures]
    problems = [f"“{telling.text[s.start : s.end + 1]}”不对：确数成了约数" for s in spans if _HEDGED.match(body, s.end)]
    measured = {f.surface for fact in telling.facts for f in fact.figures}
    for match in _NUMERAL.finditer(body, len(telling.lead)):
        start, end = match.span()
        bare = match.group().isdigit() and not any(s.start <= start and end <= s.end for s in spans) and body[end : end + 1] not in AND
        if bare and any(m.startswith(match.group()) and not m[end - start :][:1].isdigit() for m in measured - {match.group()}):
            problems.append(f"“{match.group()}”没有写单位")
            continue
        beside = body[max(0, start - 1) : end], body[start : end + 1]
        if not any(s.start <= start and end <= s.end for s in spans) and not any(len(b) > end - start and b in given for b in beside):
            problems.append(f"“{match.group()}”不对：事实里没有这个数")
    return problems


def _words(telling: Telling) -> list[str]:
    """Facts, and clauses of facts that have no figure, whose words are gone: figures alone say nothing."""
    said = Said.of(fold(telling.text))
    problems = []
    if denied := denied_elsewhere(telling.text.removeprefix(telling.lead), [f.text for f in telling.facts]):
        problems.append(f"“{denied}”不对：事实否定的不是这件事")
    for fact in telling.facts:
        if fact.formula:
            continue
        if lost := unkept(telling.text, fact.text):
            problems.append(f"漏了“{lost}”")
        text = _blanked(fact)
        lost = said.lacks(text) or next((m[1] for m in grounding_rules().level.finditer(text) if m[1] not in said.body), "")
        if lost:
            problems.append(f"漏了“{lost}”")
        spans = [m.span() for m in CLAUSE.finditer(text) if " " not in m.group()]
        for start, end in [*spans, (0, len(text))]:
            if not said.tells(text, start, end):
                problems.append(f"没有说清“{fact.text[start:end]}”")
                break
    return problems


def _blanked(fact: Fact) -> str:
    """The fact's text, folded, with its figures blanked out; offsets stay."""
    text = list(fold(fact.text))
    for figure in fact.figures:
        text[figure.span.start : figure.span.end] = " " * (figure.span.end - figure.span.start)
    return "".join(text)


def _claims(telling: Telling) -> list[str]:
    # Names and quoted words are judged with the lead, which the writer did not choose.
    return [_claim(u) for u in ungrounded(telling.text, telling.given)]


def _claim(claim: Ungrounded) -> str:
    if claim.kind == "说法":
        return f"事实里没有“{claim.words}”这样的说法"
    return f"事实里没有“{claim.words}”（{claim.kind}）"


def _form(telling: Telling) -> list[str]:
    text = telling.text.rstrip("。；！？")
    problems = []
    if match := _REMAINS.search(telling.text.removeprefix(telling.lead)):
        problems.append(f"留有记号“{match.group()}”")
    if odd := [c for c in _ODD.findall(telling.text) if c not in telling.given]:
        problems.append(f"有不该有的符号“{odd[0] if odd[0].isprintable() else f'U+{ord(odd[0]):04X}'}”")
    means = _DANGLING.match(text.removeprefix(telling.lead))
    dangling = means is not None and means[1] not in telling.given
    if _UNFINISHED.search(text) or dangling or any(text.count(a) != text.count(b) for a, b in _PAIRS):
        problems.append("句子没有写完")
    if re.search("[。！!？?]", text):
        problems.append("应写成一句")
    if doubled := _DOUBLED.search(text):
        problems.append(f"“{doubled[1]}”写了两遍")
    twice = _repeated(text)
    if twice and max(telling.known.count(twice), "\n".join(f.text for f in telling.facts).count(twice)) < 2:
        problems.append(f"“{twice}”说了两遍")
    return problems


def _repeated(text: str) -> str:
    """The first run of characters that comes again later in `text`, as long as it can be; "" for none. Linear but for that run."""
    runs = [m.span() for m in _HAN_RUN.finditer(text)]
    places: dict[str, list[int]] = {}
    for start, end in runs:
        for i in range(start, end - _TWICE + 1):
            places.setdefault(text[i : i + _TWICE], []).append(i)
    for start, end in runs:
        for i in range(start, end - _TWICE + 1):
            if later := [j for j in places[text[i : i + _TWICE]] if j >= i + _TWICE]:
                size = _TWICE
                while i + size < end and i + size < later[0] and text[later[0] + size : later[0] + size + 1] == text[i + size]:
                    size += 1
                return text[i : i + size]
    return ""


def _bare(text: str) -> str:
    figures = scan(text).figures
    return figures[0].surface if figures else text

