"""Prose in hand: figures judged, sentences that fail told again, a section edited as text and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from kepudraft.assemble import Section, assemble, plain_text, sentence_starts, walk
from kepudraft.compose.offline import plain
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.errors import DraftTextError
from kepudraft.facts.derive import with_derived
from kepudraft.facts.indicators import indicators
from kepudraft.facts.material import tidy
from kepudraft.facts.sheet import FactSheet
from kepudraft.outline import Outline, SectionPlan
from kepudraft.pipeline import Written as Pair
from kepudraft.session.asking import LATER
from kepudraft.session.work import Asked, Question, Work, basis_of
from kepudraft.verify.figures import verify
from kepudraft.verify.report import FAITHFUL, Finding, Report

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”’』」）)]*|[^。！？!?\n]+")
_PART = re.compile(r"^\s*##\s*(.*)$")
_GAP = re.compile(r"^【待补充：([^】]*)】$")
MAX_EDITED = 200_000
"""Characters of one section that an editor may give back."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence, where it stands in the text, and in which section as the how-manieth."""

    start: int
    sentence: Sentence
    role: str
    n: int

    def holds(self, finding: Finding) -> bool:
        """True if the figure stands in the sentence."""
        return finding.span is not None and self.start <= finding.span.start < self.start + len(self.sentence.text)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is written so far, with every figure judged."""

    text: str
    sections: tuple[Section, ...]
    report: Report
    placed: tuple[Placed, ...]

    def findings(self, role: str) -> tuple[tuple[Placed, Finding], ...]:
        """The figures of a section, each with its sentence."""
        own = [p for p in self.placed if p.role == role]
        return tuple((p, f) for p in own for f in self.report.figures if p.holds(f))

    @property
    def failing(self) -> tuple[tuple[Placed, Finding], ...]:
        """The figures that no fact bears, each with its sentence."""
        return tuple((p, f) for f in self.report.unfaithful for p in self.placed if p.holds(f))


def pairs(work: Work, outline: Outline) -> list[Pair]:
    """Plans with their prose, as far as it is written; a plan whose parts have changed since takes it in one piece."""
    found: list[Pair] = []
    for section in outline.sections:
        written = work.written(section.role.value)
        if written is None:
            continue
        if len(written.passages) == len(section.parts or (section,)):
            found.append((section, written.passages))
        else:
            whole = Passage(tuple(p for passage in written.passages for p in passage.paragraphs), _exemplars(written.passages))
            found.append((replace(section, parts=()), (whole,)))
    return found


def judged(work: Work, outline: Outline) -> Judged:
    """Judge what is written so far as one text: a figure may contradict one of another section."""
    return _judged(outline, tuple(pairs(work, outline)), work.sheet)


@lru_cache(maxsize=4)  # one step looks at the same prose several times
def _judged(outline: Outline, found: tuple[Pair, ...], sheet: FactSheet) -> Judged:
    sections = assemble(found)
    starts = iter(sentence_starts(outline.title, sections))
    placed = []
    for (plan, _), section in zip(found, sections, strict=True):
        sentences = [s for part in walk((section,)) for s in part.passage.sentences]
        placed += [Placed(next(starts)[0], s, plan.role.value, n) for n, s in enumerate(sentences, 1)]
    text = plain_text(outline.title, sections)
    return Judged(text, sections, verify(text, with_derived(sheet)), tuple(placed))


def mended(work: Work, outline: Outline, *, asking: bool = True) -> Work:
    """Every sentence with a figure that no fact bears told again from its facts; a person's, or a locked one, is asked about.

    Args:
        work: After prose or facts have changed.
        outline: Of the work.
        asking: Put questions; the answers to earlier ones are then taken for void.
    """
    found = judged(work, outline)
    sheet = with_derived(work.sheet)
    questions = [q for q in work.questions if q.kind is not Asked.NUMBER]
    for role, written in work.sections:
        bad = [(p, f) for p, f in found.failing if p.role == role]
        mine = {p.sentence for p, _ in bad if p.sentence.origin is not Origin.PERSON and not written.locked}
        if mine:
            passages = tuple(_told_again(p, mine, sheet) for p in written.passages)
            told = written.rewritten(passages, "照改后的事实改写", written.basis)
            work = work.with_section(role, replace(told, accepted=written.accepted))
        questions += [
            Question(Asked.NUMBER, p.sentence.text, f.explanation, role=role, surface=f.surface, expected=f.expected)
            for p, f in bad if p.sentence not in mine
        ]
    return replace(work, questions=tuple(questions)) if asking else work


def following(work: Work, before: FactSheet) -> Work:
    """The sentences' references to computed facts as these are numbered now; those to facts that are gone are dropped."""
    old, new = with_derived(before), with_derived(work.sheet)
    now = {key: i for i, key in _computed(new).items()}
    names = {i: now.get(key, "") for i, key in _computed(old).items()} | {f.id: f.id for f in work.facts}
    for role, written in work.sections:
        passages = tuple(
            replace(p, paragraphs=tuple(
                tuple(replace(s, fact_ids=tuple(n for i in s.fact_ids if (n := names.get(i, "")))) for s in paragraph)
                for paragraph in p.paragraphs
            )) for p in written.passages
        )
        if passages != written.passages:
            work = work.with_section(role, replace(written, passages=passages))
    return work


def with_gaps(passages: tuple[Passage, ...], plan: SectionPlan, work: Work) -> tuple[Passage, ...]:
    """With 【待补充：…】 behind the prose for every indicator of the section that is still to come."""
    made: list[Passage] = []
    for part, passage in zip(plan.parts or (plan,), passages, strict=True):
        gaps = [Sentence(f"【待补充：{name}】", (), Origin.OFFLINE, gap=name) for name in later(work, part.role.value)]
        known = {s.gap for s in passage.sentences}
        fresh = tuple(g for g in gaps if g.gap not in known and not any(g in p.sentences for p in made))
        paragraphs = passage.paragraphs or ((),)
        made.append(replace(passage, paragraphs=(*paragraphs[:-1], (*paragraphs[-1], *fresh))) if fresh else passage)
    return tuple(made)


def later(work: Work, role: str = "") -> tuple[str, ...]:
    """What was answered with 待补, with its unit; of one section's role, or all."""
    waiting = {name for name, said in work.answers if said in LATER}
    rows = indicators(work.unit_type) if work.unit_type else ()
    found = [i.name + (f"（{i.unit}）" if i.unit else "") for i in rows if i.name in waiting and role in ("", i.role.value)]
    return tuple(dict.fromkeys(found))


def basis(plan: SectionPlan, work: Work) -> str:
    """Digest of what a section is written from."""
    ids = set(plan.fact_ids)
    parts = tuple(p.heading for p in plan.parts)
    return basis_of(tuple(f for f in with_derived(work.sheet).facts if f.id in ids and not f.formula), (*parts, *later(work, plan.role.value)))


def to_text(plan: SectionPlan, passages: tuple[Passage, ...]) -> str:
    """A section as text for an editor: parts under ##, a paragraph a line."""
    if not plan.parts or len(passages) != len(plan.parts):
        return "\n".join(p.text for p in passages) + "\n"
    return "\n".join(f"## {part.heading}\n{passage.text}\n" for part, passage in zip(plan.parts, passages, strict=True))


def from_text(text: str, plan: SectionPlan, passages: tuple[Passage, ...], sheet: FactSheet) -> tuple[Passage, ...]:
    """What an editor gave back; sentences left alone stay as they were, all others are the person's.

    Raises:
        DraftTextError: It is empty, too long, or its ## headings are not those of the parts.
    """
    text = tidy(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", " ")
    if not text.strip():
        raise DraftTextError("改后的内容是空的，没有采用", remedy="原文还在；要删去这一部分请用 /outline 删除")
    if len(text) > MAX_EDITED:
        raise DraftTextError(f"改后的内容有{len(text)}字，太长", remedy=f"每部分最多{MAX_EDITED}字")
    in_parts = bool(plan.parts) and len(passages) == len(plan.parts)
    blocks = _blocks(text) if in_parts else [[line for line in text.split("\n") if line.strip()]]
    if len(blocks) != len(passages) and in_parts:
        raise DraftTextError(
            f"这一部分有{len(passages)}个小标题（## 开头的行），改后有{len(blocks)}个", remedy="请保留 ## 开头的行，再改一次"
        )
    if not in_parts:
        passages = (Passage(tuple(p for passage in passages for p in passage.paragraphs), _exemplars(passages)),)
    return tuple(
        _read_back(block, passage, part, sheet)
        for block, passage, part in zip(blocks, passages, plan.parts if in_parts else (plan,), strict=True)
    )


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in text.split("\n"):
        if _PART.match(line):
            blocks.append([])
        elif line.strip():
            if not blocks:
                blocks.append([])
            blocks[-1].append(line)
    return blocks


def _read_back(lines: Sequence[str], passage: Passage, plan: SectionPlan, sheet: FactSheet) -> Passage:
    known = sorted({s.text: s for s in passage.sentences}.values(), key=lambda s: -len(s.text))
    return replace(passage, paragraphs=tuple(tuple(_sentences(line.strip(" \u3000"), known, plan, sheet)) for line in lines))


def _sentences(line: str, known: Sequence[Sentence], plan: SectionPlan, sheet: FactSheet) -> list[Sentence]:
    found, at = [], 0
    while at < len(line):
        old = next((s for s in known if line.startswith(s.text, at)), None)
        if old is None:
            match = _SENTENCE.match(line, at)
            text = match[0] if match and match[0] else line[at:]
            found.append(person_sentence(text, plan, sheet))
        else:
            text = old.text
            found.append(old)
        at += len(text)
    return found


def person_sentence(text: str, plan: SectionPlan, sheet: FactSheet) -> Sentence:
    """A sentence that the person wrote, with the facts that it tells."""
    if gap := _GAP.match(text):
        return Sentence(text, (), Origin.PERSON, gap=gap[1])
    # Under its heading, for only there a plan may be told as one.
    report = verify(f"一、{plan.heading}\n{text}" if plan.heading else text, sheet)
    borne = {f.fact_id for f in report.figures if f.verdict in FAITHFUL and f.fact_id}
    worded = {f.id for f in sheet.facts if sheet.is_worded(f) and not f.formula and f.id not in report.unused}
    return Sentence(text, tuple(f.id for f in sheet.facts if f.id in borne | worded), Origin.PERSON)


def _told_again(passage: Passage, bad: set[Sentence], sheet: FactSheet) -> Passage:
    known = {f.id for f in sheet.facts}

    def plainly(sentence: Sentence) -> tuple[Sentence, ...]:
        return plain(replace(sentence, fact_ids=tuple(i for i in sentence.fact_ids if i in known)), sheet)

    return replace(passage, paragraphs=tuple(
        tuple(new for old in paragraph for new in (plainly(old) if old in bad else (old,))) for paragraph in passage.paragraphs
    ))


def _computed(sheet: FactSheet) -> dict[str, tuple[str, int]]:
    """Ids of computed facts by the fact they come from and their place among its others."""
    seen: dict[str, int] = {}
    found = {}
    for fact in sheet.facts:
        if fact.formula:
            base = fact.inputs[0]
            seen[base] = seen.get(base, 0) + 1
            found[fact.id] = (base, seen[base])
    return found


def _exemplars(passages: Sequence[Passage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for p in passages for i in p.exemplar_ids))
