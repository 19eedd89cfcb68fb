"""Ways of drafting one unit with a model, and what is counted of the outcome."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kepudraft.assemble import walk
from kepudraft.compose.passage import Origin
from kepudraft.compose.with_model import Figures, hidden
from kepudraft.errors import BadCompletion
from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts
from kepudraft.facts.sheet import FactSheet
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, Message, OnDelta, Usage
from kepudraft.llm.wrapped import WrappedModel
from kepudraft.outline import Outline, SectionPlan
from kepudraft.pipeline import Drafter
from kepudraft.prompts import load_prompt
from kepudraft.verify.figures import verify
from kepudraft.verify.leak import leaks
from kepudraft.verify.report import Verdict

_CASES = Path(__file__).parent / "cases" / "draft"
_MOST_TOKENS = 400  # of one section by a plain prompt: 300 characters are asked for


@dataclass(frozen=True, slots=True)
class Way:
    """One way of drafting; without `pipeline`, one plain request a section whose answer stands as it is.

    `exemplars` is how many a plain prompt shows.
    """

    pipeline: bool
    prompt: str = ""
    masked: bool = False
    figures: Figures = Figures.SHOWN
    grammar: bool = False
    retrieval: bool = True
    exemplars: int = 3


WAYS = {
    "plain": Way(False, "plain"),
    "plain, one exemplar": Way(False, "plain", exemplars=1),
    "masked": Way(False, "plain", masked=True),
    "slots": Way(False, "slots", masked=True, figures=Figures.HIDDEN),
    "shown+grammar": Way(True, grammar=True),
    "shown": Way(True),
    "shown+grammar-retrieval": Way(True, grammar=True, retrieval=False),
    "hidden+grammar-retrieval": Way(True, figures=Figures.HIDDEN, grammar=True, retrieval=False),
    "hidden+grammar": Way(True, figures=Figures.HIDDEN, grammar=True),
    "hidden": Way(True, figures=Figures.HIDDEN),
    "shown-retrieval": Way(True, retrieval=False),
    "hidden-retrieval": Way(True, figures=Figures.HIDDEN, retrieval=False),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one unit in one way; counts, but `seconds`.

    Attributes:
        way: Name of the way.
        unit: File name of the sheet.
        figures: In the finished draft.
        unborne: Of these, not borne by a fact (a fact's value on a wrong noun is not among them).
        misplaced: A fact's value beside another thing.
        facts: Of the sheet, computed ones not counted.
        used: Facts whose every figure (or, without figures, whose words) stands in the draft.
        listed: Facts told as left out, with the reason.
        remains: Runs, names and figures of exemplars.
        sentences: That tell facts.
        by_model: Of these, written by a model.
        alike: Of these again, word for word what the offline composer says.
        prompt: Tokens read.
        cached: Of these, from the prefix cache, from the second request on.
        cacheable: Tokens read from the second request on.
        tokens: Read and written.
        requests: Sent.
        seconds: By the clock.
    """

    way: str
    unit: str
    figures: int
    unborne: int
    misplaced: int
    facts: int
    used: int
    listed: int
    remains: int
    sentences: int
    by_model: int
    alike: int
    prompt: int
    cached: int
    cacheable: int
    tokens: int
    requests: int
    seconds: float


class Counted(WrappedModel):
    """A model, with what each request cost, in order."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self.costs: list[Usage] = []

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`."""
        completion = await self._model.complete(request, on_delta=on_delta)
        self.costs.append(completion.usage)
        return completion


async def run_unit(way_name: str, path: Path, model: ChatModel, retriever: Any, *, seed: int) -> tuple[Outcome, str]:  # noqa: ANN401
    """Draft one sheet in one way; returns what was counted, and the text."""
    way, sheet, counted = WAYS[way_name], with_derived(read_facts(path)), Counted(model)
    begun = time.monotonic()
    drafter = Drafter(
        searcher=retriever if way.retrieval else None, seed=seed, model=counted, figures=way.figures, constrain=way.grammar
    )
    outline = drafter.outline(sheet)
    if way.pipeline:
        draft = await drafter.adraft(sheet)
        text = draft.text
        told = [s for section in walk(draft.sections) for s in section.passage.sentences if s.fact_ids]
        written = [s for s in told if s.origin in (Origin.MODEL, Origin.REPAIRED)]
        offline = Drafter(seed=seed).draft(sheet).text
        shares = len(told), len(written), sum(s.text.rstrip("。；") in offline for s in written)
    else:
        text = await _plainly(way, drafter, outline, sheet, counted, seed)
        shares = 0, 0, 0
    seconds = time.monotonic() - begun
    exemplars = [h.excerpt.text for found in Drafter(searcher=retriever).exemplars(outline, sheet) for h in found.hits]
    return _judged(way_name, path.name, text, outline, sheet, exemplars, shares, counted.costs, seconds), text


async def _plainly(
    way: Way, drafter: Drafter, outline: Outline, sheet: FactSheet, model: Counted, seed: int
) -> str:
    """Every section by one request; the answer stands as it is."""
    facts = {f.id: f for f in sheet.facts}
    found = {f.plan: f.hits for f in drafter.exemplars(outline, sheet)}
    prompt = load_prompt(_CASES, way.prompt)
    lines = [outline.title]
    for number, section in enumerate((s for s in outline.sections if s.fact_ids), 1):
        slots: dict[str, str] = {}
        told = [facts[i].text for i in section.fact_ids]
        if way.figures is Figures.HIDDEN:
            told = [hidden(text, slots, 0) for text in told]
        shown = "\n\n".join(h.excerpt.masked if way.masked else h.excerpt.text for h in found.get(section, ())[: way.exemplars])
        values = {"exemplars": shown, "heading": section.heading or "开头", "facts": "\n".join(f"- {t}" for t in told)}
        messages = tuple(Message(role, text) for role, text in prompt.fill(values))
        try:
            answer = (await model.complete(ChatRequest(messages, _MOST_TOKENS, 0.7, seed))).text
        except BadCompletion:
            answer = ""
        for mark, surface in slots.items():
            answer = answer.replace(mark, surface)
        lines += [f"{number}、{section.heading}" if section.heading else "", answer]
    return "\n".join(line for line in lines if line)


def _judged(
    way: str, unit: str, text: str, outline: Outline, sheet: FactSheet, exemplars: Sequence[str], shares: tuple[int, int, int],
    costs: Sequence[Usage], seconds: float,
) -> Outcome:
    report = verify(text, sheet)
    own = [f for f in sheet.facts if not f.formula]
    lost = {f.fact_id for f in report.findings if f.verdict is Verdict.OMITTED} | set(report.unused)
    listed = {u.fact_id for u in outline.unused}
    misplaced = sum(f.verdict is Verdict.MISATTRIBUTED for f in report.figures)
    known = "\n".join([sheet.unit, outline.title, *(f"{f.text}{f.last}{f.topic}" for f in sheet.facts), *_headings(outline.sections)])
    # What the offline composer says of the same facts is nobody's but its own.
    known += Drafter().draft(sheet).text
    return Outcome(
        way, unit, len(report.figures), len(report.unfaithful) - misplaced, misplaced, len(own),
        sum(f.id not in lost for f in own), sum(f.id in lost and f.id in listed for f in own),
        len(leaks(text, exemplars, known)), *shares, sum(u.prompt for u in costs), sum(u.cached for u in costs[1:]),
        sum(u.prompt for u in costs[1:]), sum(u.total for u in costs), len(costs), round(seconds, 1),
    )


def _headings(sections: Sequence[SectionPlan]) -> list[str]:
    return [h for s in sections for h in (s.heading, *_headings(s.parts))]
