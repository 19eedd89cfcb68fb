"""The map: facts -> outline -> retrieval -> compose -> verify -> assemble, once for one unit.

    FactSheet --plan--> Outline --search--> Hits --compose--> Passage --verify--> Report --assemble--> Draft
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kepudraft._version import __version__
from kepudraft.assemble import Draft, Provenance, Section, assemble, plain_text, sentence_starts
from kepudraft.compose.offline import compose, plain
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.compose.with_model import Figures
from kepudraft.errors import ModelError, UnfaithfulDraft
from kepudraft.facts.derive import with_derived
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import Genre, Role, UnitType, load_genre
from kepudraft.llm.chat import ChatModel, OnDelta
from kepudraft.outline import Outline, SectionPlan, plan
from kepudraft.retrieval.hit import Hit, OwnText
from kepudraft.settings import Settings, load_settings
from kepudraft.verify.figures import verify
from kepudraft.verify.report import Report
from kepudraft.writing import ModelWriter, Notify


class Searcher(Protocol):
    """What finds exemplars: `kepudraft.retrieval.search.Retriever`."""

    @property
    def fingerprint(self) -> str:
        """Identifies index and encoder."""
        ...

    def search(self, query: str, *, role: Role | None, prefer: UnitType | None, own: OwnText | None, k: int) -> tuple[Hit, ...]:
        """The `k` passages nearest to the query, of the role, a unit type preferred, one's own text of the year left out."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The exemplar passages found for one section or part."""

    plan: SectionPlan
    hits: tuple[Hit, ...]


Written = tuple[SectionPlan, tuple[Passage, ...]]
"""A section with its prose: one passage, or one for each of its parts."""


@dataclass(frozen=True)
class Drafter:
    """Drafts the summary of a unit from its facts.

    Without `model` every sentence is composed offline. Without `searcher` no exemplar is looked up.

    Attributes:
        settings: Where corpus and prompts are.
        searcher: Finds exemplar passages, or None.
        target_chars: Length of the whole text in characters; the unit type's usual length if None.
        seed: Chooses among equal wordings.
        style: Which style of headings (index into roles.toml `styles`).
        model: Writes the prose, or None.
        figures: Whether the model sees values, or names of them only.
        constrain: Send the model a grammar where it takes one.
    """

    settings: Settings = field(default_factory=load_settings)
    searcher: Searcher | None = None
    target_chars: int | None = None
    seed: int = 0
    style: int = 0
    model: ChatModel | None = None
    figures: Figures = Figures.SHOWN
    constrain: bool = True

    def outline(self, sheet: FactSheet) -> Outline:
        """The plan of the summary, to be looked at before it is drafted."""
        return plan(with_derived(sheet), self._genre, target_chars=self.target_chars, style=self.style)

    def exemplars(self, outline: Outline, sheet: FactSheet, *, k: int = 3) -> tuple[Found, ...]:
        """The exemplar passages that are like each section; empty without a searcher."""
        if self.searcher is None:
            return ()
        return tuple(Found(s, self._hits(s, sheet, k=k)) for s in outline.sections if s.fact_ids)

    def draft(self, sheet: FactSheet, *, watch: Callable[[str], None] | None = None) -> Draft:
        """A finished draft, every figure borne by the facts.

        Args:
            sheet: The facts.
            watch: Told the heading of each section that a model is about to write.

        Raises:
            OutlineError: The sheet holds nothing that can be told.
            UnfaithfulDraft: Composing failed its own check; the report says where. Nothing is returned then.
        """
        return asyncio.run(self.adraft(sheet, watch=watch)) if self.model is not None else self._offline(sheet)

    async def adraft(self, sheet: FactSheet, *, watch: Callable[[str], None] | None = None) -> Draft:
        """As `draft`, inside a running event loop; sections are asked of the model one after another."""
        sheet = with_derived(sheet)
        outline = self.outline(sheet)
        notices: list[str] = []
        written: list[Written] = []
        drafter = self
        for section in outline.sections:
            if watch is not None and drafter.model is not None and section.fact_ids:
                watch(section.heading or "开头")
            try:
                passages = await drafter.write_section(section, sheet, notify=notices.append)
            except ModelError as error:
                if not any(s.origin is not Origin.OFFLINE for _, done in written for p in done for s in p.sentences):
                    raise  # nothing is lost: the person mends the model's settings, or drafts without one
                notices.append(f"从“{section.heading or '开头'}”起模型服务不可用（{error}），其余部分改用离线写法")
                drafter = replace(drafter, model=None)
                passages = await drafter.write_section(section, sheet)
            written.append((section, passages))
        return self.finish(outline, written, sheet, notices=notices)

    async def write_section(
        self, section: SectionPlan, sheet: FactSheet, *, instruction: str = "", on_delta: OnDelta | None = None,
        notify: Notify | None = None,
    ) -> tuple[Passage, ...]:
        """The prose of one section of an outline: one passage, or one for each part.

        Args:
            section: From `outline`.
            sheet: The facts, computed ones among them (`facts.derive.with_derived`).
            instruction: What the person asks for in their own words («写得简洁些»); only a model can follow it.
            on_delta: Called with each piece of prose as it grows, before it is verified.
            notify: Told in Chinese where something went otherwise than asked.

        Raises:
            ModelError: The model failed for good; what was written before is not touched.
        """
        hits = self._hits(section, sheet)
        offline = self._passages(section, sheet, hits)
        if self.model is None:
            if on_delta is not None:
                on_delta("\n".join(p.text for p in offline))
            return offline
        writer = ModelWriter(
            self.model, self.settings.prompts_dir, figures=self.figures, constrain=self.constrain, seed=self.seed
        )
        return tuple([
            await writer.write(passage, plan, sheet, hits, instruction=instruction, on_delta=on_delta, notify=notify)
            for plan, passage in zip(section.parts or (section,), offline, strict=True)
        ])

    def finish(
        self, outline: Outline, written: Sequence[Written], sheet: FactSheet, *, notices: Sequence[str] = ()
    ) -> Draft:
        """Verify the whole, tell again in plain words what fails, and assemble.

        Args:
            outline: From `outline`.
            written: Its sections with their prose, in order.
            sheet: The facts, computed ones among them.
            notices: What happened while drafting; goes into the draft.

        Raises:
            UnfaithfulDraft: A figure is not borne even so; nothing is returned.
        """
        sections, report = self._verified(outline, list(written), sheet)
        index = self.searcher.fingerprint if self.searcher else ""
        prompts = ModelWriter(self.model, self.settings.prompts_dir).prompt_hashes if self.model else ()
        provenance = Provenance(self.model.name if self.model else "", prompts, index, self.seed, __version__)
        return Draft(outline.title, sheet, sections, outline.unused, report, provenance, tuple(notices))

    def _offline(self, sheet: FactSheet) -> Draft:
        sheet = with_derived(sheet)
        outline = self.outline(sheet)
        return self.finish(outline, [(s, self._passages(s, sheet, self._hits(s, sheet))) for s in outline.sections], sheet)

    def _hits(self, section: SectionPlan, sheet: FactSheet, *, k: int = 3) -> tuple[Hit, ...]:
        if self.searcher is None or not section.fact_ids:
            return ()
        own = OwnText(sheet.unit, sheet.year)
        return self.searcher.search(section.query, role=section.role, prefer=sheet.unit_type, own=own, k=k)

    def _verified(
        self, outline: Outline, composed: list[tuple[SectionPlan, tuple[Passage, ...]]], sheet: FactSheet
    ) -> tuple[tuple[Section, ...], Report]:
        """The sections with every sentence that failed told again in plain words; what fails even so gets out nowhere."""
        sections = assemble(composed)
        report = verify(plain_text(outline.title, sections), sheet)
        if not report.ok:
            # What a model wrote may fail its neighbours: then all of it goes, rather than the draft.
            for bad in (failing(outline.title, sections, report), _by_model(composed)):
                composed = [(s, tuple(_replaced(p, bad, sheet) for p in passages)) for s, passages in composed]
                sections = assemble(composed)
                report = verify(plain_text(outline.title, sections), sheet)
                if report.ok:
                    break
            else:
                raise _refused(report)
        return sections, report

    def _passages(self, section: SectionPlan, sheet: FactSheet, hits: tuple[Hit, ...]) -> tuple[Passage, ...]:
        """One passage for a section told in one piece, else one for every part."""
        shown = tuple(h.excerpt.id for h in hits)
        return tuple(
            replace(compose(p, sheet, self._genre, seed=self.seed), exemplar_ids=shown) for p in section.parts or (section,)
        )

    @property
    def _genre(self) -> Genre:
        return load_genre(self.settings.corpus_dir)


def failing(title: str, sections: tuple[Section, ...], report: Report) -> frozenset[Sentence]:
    """The sentences in which an unfaithful figure stands; one in the title or a heading is in none."""
    places = [f.span.start for f in report.unfaithful if f.span]
    bad = set()
    for start, sentence in sentence_starts(title, sections):
        if any(start <= place < start + len(sentence.text) for place in places):
            bad.add(sentence)
    return frozenset(bad)


def _by_model(composed: Sequence[Written]) -> frozenset[Sentence]:
    return frozenset(
        s for _, passages in composed for p in passages for s in p.sentences if s.origin in (Origin.MODEL, Origin.REPAIRED)
    )


def _replaced(passage: Passage, bad: frozenset[Sentence], sheet: FactSheet) -> Passage:
    paragraphs = tuple(
        tuple(new for old in paragraph for new in (plain(old, sheet) if old in bad else (old,)))
        for paragraph in passage.paragraphs
    )
    return replace(passage, paragraphs=paragraphs)


def _refused(report: Report) -> UnfaithfulDraft:
    first = report.unfaithful[0]
    return UnfaithfulDraft(
        f"草稿里的{first.surface}没有依据，没有写出（{first.explanation}）。请检查这条事实的写法，或反馈给我们", report
    )
