"""One passage written by a model: ask, judge every sentence, ask again for those that failed, let the offline one stand in.

    offline Passage ─> points ─ask─> lines ─judge─> sentences
                                  ^            │ failing, at most `rounds` times
                                  └── repair ──┘ then the offline sentence

Whatever the model does, a passage comes back that tells every fact of the offline one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.compose.with_model import (
    Complaint,
    Figures,
    Point,
    answered,
    points_of,
    repair_request,
    section_request,
    unnumbered,
    visible,
)
from kepudraft.corpus_rules import people
from kepudraft.errors import BadCompletion, ContentRejected, ModelError
from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.slots import MASK, mask
from kepudraft.llm.chat import ChatModel, ChatRequest, OnDelta
from kepudraft.outline import SectionPlan
from kepudraft.prompts import load_prompt
from kepudraft.retrieval.hit import Hit
from kepudraft.verify.leak import places
from kepudraft.verify.telling import Telling, faults, is_copied, trimmed

Notify = Callable[[str], None]
"""Told in Chinese what went otherwise than asked."""

_SENTENCE = re.compile("[^。！？]*[。！？]")
_NUMBER = re.compile(r"^\s*\d{1,2}[.．、]\s*")
_WARMER = 0.25  # a model asked again as coolly says the same again
_TOO_LONG = 4  # times the length asked for, from which a line is not even looked at
_TALE = "写得太长，要短得多"
_GUESSED = "数字只能用事实里的代号，不能自己写"
_COPIED = "只是照抄，请补上动词，换成通顺完整的书面语"
_MANY_CHARS_A_TOKEN = 4  # no tokeniser of today needs more tokens than characters; below this share counting is not needed


@dataclass(frozen=True)
class ModelWriter:
    """Writes passages with a model.

    Attributes:
        model: The port.
        prompts_dir: Where section.md and repair.md are.
        figures: Whether the model sees values.
        constrain: Send a grammar where the model takes one.
        temperature: Of the first asking; asking again is warmer and varies the seed.
        seed: For models that can repeat themselves.
        rounds: How often failing sentences go back at most.
        facts_at_once: A small model does well with few facts at a time; more go in several requests.
        exemplar_chars: Of all exemplars shown with one request, at most; 0 for none.
    """

    model: ChatModel
    prompts_dir: Path
    figures: Figures = Figures.SHOWN
    constrain: bool = True
    temperature: float = 0.5
    seed: int = 0
    rounds: int = 2
    facts_at_once: int = 8
    exemplar_chars: int = 160

    @property
    def prompt_hashes(self) -> tuple[tuple[str, str], ...]:
        """Names and content hashes of the prompts used."""
        return tuple((p.name, p.sha256) for p in (load_prompt(self.prompts_dir, n) for n in ("section", "repair")))

    async def write(
        self, offline: Passage, plan: SectionPlan, sheet: FactSheet, hits: Sequence[Hit] = (), *, instruction: str = "",
        on_delta: OnDelta | None = None, notify: Notify | None = None,
    ) -> Passage:
        """The passage in the model's words, thing by thing, as far as they hold.

        Args:
            offline: The passage composed offline: what to tell, and what stands in for a sentence that fails.
            plan: Its section or part.
            sheet: The facts, computed ones among them.
            hits: Exemplar passages; they are masked and cut before they are shown.
            instruction: What the person asks for in their own words.
            on_delta: Called with pieces of the prose as it grows, before it is judged.
            notify: Told where the model's answer could not be used.

        Raises:
            ModelError: The model failed for good; an answer that cannot be used is none of it.
        """
        work = _Work(self, plan, sheet, _examples(hits, self.exemplar_chars, sheet), notify or (lambda _: None))
        points = points_of(offline, sheet, self.figures)
        if self.figures is Figures.HIDDEN:
            instruction = unnumbered(instruction)
        for chunk in _chunks(points, self.facts_at_once):
            try:
                await work.ask(chunk, instruction, on_delta)
            except ModelError as error:
                if not work.written:
                    raise
                work.notify(f"“{plan.heading or '开头'}”写到一半，模型服务不可用（{error}），其余几句改用离线写法")
                break
        told: dict[int, list[Point]] = {}
        for point in points:
            told.setdefault(id(point.sentence), []).append(point)
        return replace(offline, paragraphs=tuple(
            tuple(new for old in paragraph for new in work.result(old, told.get(id(old), ()))) for paragraph in offline.paragraphs
        ))


@dataclass
class _Work:
    """One passage in the making: what is written so far, by the point's number."""

    writer: ModelWriter
    plan: SectionPlan
    sheet: FactSheet
    examples: tuple[str, ...]
    notify: Notify
    written: dict[int, Sentence] = field(default_factory=dict)
    unusable: dict[str, None] = field(default_factory=dict)

    async def ask(self, points: Sequence[Point], instruction: str, on_delta: OnDelta | None) -> None:
        """Ask for these points, and again for those that fail; say why where an answer was of no use and none made up for it."""
        self.unusable.clear()
        await self._ask(points, instruction, on_delta)
        if any(p.number not in self.written for p in points):
            for what in self.unusable:
                self.notify(f"“{self.plan.heading or '开头'}”：{what}，有的句子改用离线写法")

    async def _ask(self, points: Sequence[Point], instruction: str, on_delta: OnDelta | None) -> None:
        request = self._fitting(points, instruction)
        if request is None:
            self.notify(f"“{self.plan.heading}”有一条事实太长，超出模型的上下文，改用离线写法")
            return
        complaints = self._judged(points, await self._answered(request, points, on_delta), first=True)
        for round_ in range(1, self.writer.rounds + 1):
            if not complaints:
                return
            request = repair_request(
                complaints, load_prompt(self.writer.prompts_dir, "repair"), heading=self.plan.heading, constrain=self._constrain,
                temperature=self.writer.temperature + _WARMER * round_, seed=self.writer.seed + round_,
            )
            again = [c.point for c in complaints]
            if not self._fits(request):
                return
            complaints = self._judged(again, await self._answered(request, again, None), first=False)
            # A model that has its own wrong sentence before it twice writes it a third time.
            complaints = [replace(c, raw="") for c in complaints]

    def result(self, offline: Sentence, points: Sequence[Point]) -> tuple[Sentence, ...]:
        """What stands in place of an offline sentence: the things that the model told well, the others in offline words."""
        if not any(p.number in self.written for p in points):
            return (offline,)
        return tuple(self.written.get(p.number, p.offline) for p in points)

    def _fitting(self, points: Sequence[Point], instruction: str) -> ChatRequest | None:
        """The request, without exemplars where they do not fit; None where the facts alone do not."""
        prompt = load_prompt(self.writer.prompts_dir, "section")
        for examples in dict.fromkeys((self.examples, ())):
            request = section_request(
                points, prompt, heading=self.plan.heading, exemplars=examples, instruction=instruction,
                constrain=self._constrain, temperature=self.writer.temperature, seed=self.writer.seed,
            )
            if self._fits(request):
                if examples != self.examples:
                    self.notify(f"“{self.plan.heading}”的范文放不进模型的上下文，没有给模型看")
                return request
        return None

    def _fits(self, request: ChatRequest) -> bool:
        """True if prompt and answer fit the model's context; tokens are counted only where characters do not settle it."""
        room = self.writer.model.context_tokens - request.max_tokens
        content = "\n".join(m.content for m in request.messages)
        if len(content) * _MANY_CHARS_A_TOKEN <= room:
            return True
        from kepudraft.tokens import count_tokens

        return count_tokens(content) + 16 * len(request.messages) <= room

    @property
    def _constrain(self) -> bool:
        return self.writer.constrain and self.writer.model.takes_grammar

    async def _answered(self, request: ChatRequest, points: Sequence[Point], on_delta: OnDelta | None) -> dict[int, str]:
        live = _Live(points, on_delta) if on_delta else None
        try:
            completion = await self.writer.model.complete(request, on_delta=live.feed if live else None)
        except (BadCompletion, ContentRejected) as error:
            self.unusable[error.what] = None
            return {}
        return answered(completion.text, points)

    def _judged(self, points: Sequence[Point], raws: dict[int, str], *, first: bool) -> list[Complaint]:
        """Keep what holds; what does not comes back with its problems."""
        refused = {p.number: _TALE for p in points if len(raws.get(p.number, "")) > _TOO_LONG * p.most_chars}
        refused |= {p.number: _GUESSED for p in points if p.guessed(raws.get(p.number, ""))}
        raws = {number: raw for number, raw in raws.items() if number not in refused}
        tellings = [self._telling(p, raws.get(p.number, "")) for p in points]
        complaints = []
        # A line that is missing is no sentence that could disturb the others, and what was only noted is not judged.
        present = [n for n, p in enumerate(points) if raws.get(p.number)]
        noted = {n for n in present if is_copied(tellings[n]) and tellings[n].text != points[n].offline.text}
        cut = {n: replace(tellings[n], text=trimmed(tellings[n])) for n in present if n not in noted}
        problems = dict(zip(cut, faults([*cut.values()], self.plan.heading, self.sheet, self.examples), strict=True))
        for n, point in enumerate(points):
            if n in noted and not first:
                self.written[point.number] = point.offline  # what was noted, in words; asking once more brings the same
            elif n in noted:
                complaints.append(Complaint(point, raws[point.number], (_COPIED,)))
            elif problems.get(n) == ():
                origin = Origin.MODEL if first and cut[n].text == tellings[n].text else Origin.REPAIRED
                self.written[point.number] = replace(point.offline, text=cut[n].text, origin=origin)
            else:
                told = self._told(point, problems.get(n, (refused.get(point.number, "没有写这一句"),)))
                complaints.append(Complaint(point, raws.get(point.number, ""), told))
        return complaints

    def _telling(self, point: Point, raw: str) -> Telling:
        known = f"{point.offline.text}\n{self.sheet.unit}\n{self.sheet.unit_type.value}"
        return Telling(point.filled(raw), point.lead, point.facts, known)

    def _told(self, point: Point, problems: tuple[str, ...]) -> tuple[str, ...]:
        """The problems as the model may hear them: without values in hidden mode."""
        if self.writer.figures is Figures.SHOWN:
            return problems[:3]
        return tuple(dict.fromkeys(_unvalued(p, point) for p in problems))[:3]


class _Live:
    """Prose for somebody who watches: numbers of lines left out, slots filled, nothing shown of a slot half written."""

    def __init__(self, points: Sequence[Point], on_delta: OnDelta) -> None:
        self._slots = {mark: surface for point in points for mark, surface in point.slots.items()}
        self._on_delta = on_delta
        self._held = ""
        self._fresh = True

    def feed(self, delta: str) -> None:
        """Take a piece as it comes."""
        self._held += visible(delta)
        while "\n" in self._held:
            line, self._held = self._held.split("\n", 1)
            self._show(line)
            self._fresh = True
        if (not self._fresh or len(self._held) > 4) and "{" not in self._held:
            self._show(self._held)
            self._held = ""
        elif "}" in self._held:
            ready, _, rest = self._held.rpartition("}")
            self._show(ready + "}")
            self._held = rest

    def _show(self, text: str) -> None:
        if self._fresh:
            text = _NUMBER.sub("", text)
        for slot, surface in self._slots.items():
            text = text.replace(slot, surface)
        if text:
            self._fresh = False
            self._on_delta(text)


def _examples(hits: Sequence[Hit], chars: int, sheet: FactSheet) -> tuple[str, ...]:
    """Whole sentences of the hits, figures, places and names masked, `chars` characters in all."""
    chosen: list[str] = []
    room = chars
    for hit in hits:
        text = _masked(hit.excerpt.masked, hit.excerpt.title, sheet)
        piece = ""
        for sentence in _SENTENCE.findall(text):
            if len(piece) + len(sentence) > room:
                break
            piece += sentence.strip()
        if piece:
            chosen.append(piece)
            room -= len(piece)
    return tuple(chosen)


def _masked(text: str, title: str, sheet: FactSheet) -> str:
    """Without the exemplar's own names: its title's, those of places and persons, what it quotes."""
    for name in people(text):
        text = text.replace(name, "某人")
    for name in sorted({*places(text), *places(title)}, key=len, reverse=True):
        if name not in sheet.unit:
            text = text.replace(name, "某单位" if name[-1] not in "省市区县镇乡村" else "某地")
    return re.sub("《[^》]*》", "《某文》", re.sub("“[^”]{2,}”", "“某名”", text)).replace(MASK, "若干")


def _chunks(points: Sequence[Point], most: int) -> Iterator[tuple[Point, ...]]:
    """Points in order, `most` facts together at most, one point at least."""
    chunk: list[Point] = []
    count = 0
    for point in points:
        if chunk and count + len(point.facts) > most:
            yield tuple(chunk)
            chunk, count = [], 0
        chunk.append(point)
        count += len(point.facts)
    if chunk:
        yield tuple(chunk)


def _unvalued(problem: str, point: Point) -> str:
    """A problem with names in place of values; one that has other digits left tells only its kind."""
    problem = problem.split("：", 1)[0] if "不对" in problem else problem
    for slot, surface in sorted(point.slots.items(), key=lambda s: -len(s[1])):
        problem = problem.replace(surface, slot)
    return mask(problem).replace(MASK, "某个数字") if not re.search("[0-9０-９]", problem) else "有一处数字不对"
