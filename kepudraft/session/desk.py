"""The desk that a session works at: what is decided, where it is saved, what it is shown on, and what it is given from outside.

Every change goes through `Desk.save`, which has it on the disk before anything is said of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from threading import RLock, Thread

from kepudraft.errors import KepudraftError
from kepudraft.facts.derive import with_derived
from kepudraft.facts.sheet import FactSheet
from kepudraft.llm.chat import ChatModel
from kepudraft.llm.meter import MeteredModel
from kepudraft.outline import Outline
from kepudraft.pipeline import Drafter
from kepudraft.session import views
from kepudraft.session.corrections import affected, corrected
from kepudraft.session.intake import Taken
from kepudraft.session.log import SessionLog
from kepudraft.session.prose import basis, following, mended
from kepudraft.session.screen import Screen, Tone
from kepudraft.session.shaping import shaped
from kepudraft.session.tools import Remembering, Tools
from kepudraft.session.work import Shaping, Step, Work

_MAX_LABEL = 24


class Desk:
    """One session's desk.

    Args:
        log: The open folder; it says where the session stands.
        screen: Shows.
        tools: Model, exemplars, editor, clock.

    Attributes:
        is_over: True once the person has left.
    """

    def __init__(self, log: SessionLog, screen: Screen, tools: Tools) -> None:
        self.log = log
        self.screen = screen
        self.tools = tools
        self.is_over = False
        self._model: tuple[str, ChatModel] | None = None
        self._searcher: Remembering | None = None
        self._searched = False
        self._opening = RLock()
        self._outline = lru_cache(maxsize=8)(self._planned)

    @property
    def work(self) -> Work:
        """What the person has decided so far."""
        return self.log.state.work

    @property
    def outline(self) -> Outline | None:
        """The outline as shaped; None before the facts are in hand."""
        work = self.work
        return self.outline_of(work) if work.facts and work.year and work.unit_type else None

    @property
    def searcher(self) -> Remembering | None:
        """What finds exemplars, opened where it is first asked for."""
        with self._opening:
            if not self._searched:
                self._searched = True
                found = self.tools.searcher()
                self._searcher = Remembering(found) if found else None
        return self._searcher

    def look_ahead(self) -> None:
        """Look up exemplars for all sections while the person reads the outline; what fails is looked up again in its turn."""
        outline, sheet = self.outline, self.work.sheet

        def look() -> None:
            with suppress(KepudraftError):
                if self.searcher is not None and outline is not None:
                    Drafter(settings=self.tools.settings, searcher=self.searcher).exemplars(outline, with_derived(sheet))

        Thread(target=look, daemon=True).start()

    def outline_of(self, work: Work) -> Outline:
        """The outline of a work as shaped.

        Raises:
            OutlineError: No fact can be told.
        """
        return self._outline(work.sheet, work.length, work.shaping)

    def drafter(self, *, seed: int = 0, with_model: bool = True) -> Drafter:
        """What writes: with the session's model, if it has one, counted from zero."""
        name = self.log.state.model if with_model else ""
        if name and (self._model is None or self._model[0] != name):
            self._model = (name, self.tools.open_model(name))
        model = MeteredModel(self._model[1]) if name and self._model else None
        return Drafter(
            settings=self.tools.settings, searcher=self.searcher, target_chars=self.work.length, seed=seed, model=model
        )

    def save(self, work: Work, said: str) -> None:
        """Save a step; it can be undone."""
        said = said.replace("\n", " ")
        self.log.step(work, said if len(said) <= _MAX_LABEL else said[: _MAX_LABEL - 1] + "…")

    def changed(self, work: Work, said: str) -> None:
        """Save changed facts together with what follows for the prose, and say which sections should be written anew."""
        before = self.work
        if work.sections and work.facts:
            work = mended(following(work, before.sheet), self.outline_of(work))
        if work.step in (Step.DRAFT, Step.DONE) and work.facts:
            work = at_open(work, self.outline_of(work))
        self.save(work, said)
        self._tell_stale(before)

    def taken(self, taken: Taken, said: str, *, then: Callable[[Work], Work] = lambda w: w) -> None:
        """Save facts just taken in, show them, and mend the prose that speaks of them."""
        self.changed(then(taken.work), said)
        views.show_added(self.screen, taken.added, taken.remarks)

    def correct(self, line: str) -> None:
        """Correct, remove or add a fact in the person's words.

        Raises:
            FactError: It cannot be understood.
        """
        made = corrected(self.work, line)
        if made.taken is not None:
            self.taken(made.taken, line)
            return
        before = self.work
        self.changed(made.work, line)
        self.screen.say(made.said, Tone.GOOD)
        outline = self.outline
        if outline is None:
            return
        for role in affected(before, _changed_id(before, made.work)):
            if before.written(role) != self.work.written(role):
                name = views.title_of(outline, role)
                self.screen.say(f"{name}写到了它，对不上的句子已照新的事实改写（/diff {views.number(outline, role)} 看改动，/undo 撤销）")

    def _planned(self, sheet: FactSheet, length: int | None, shaping: Shaping) -> Outline:
        return shaped(Drafter(settings=self.tools.settings, target_chars=length).outline(sheet), shaping)

    def _tell_stale(self, before: Work) -> None:
        """Sections whose facts have changed since they were written, where that was not so before."""
        outline = self.outline
        if not outline:
            return
        was = stale(before, self.outline_of(before)) if before.facts and before.year and before.unit_type else ()
        fresh = [r for r in stale(self.work, outline) if r not in was]
        for role in fresh:
            self.screen.say(f"{views.title_of(outline, role)}的事实有变，可用 /retry {views.number(outline, role)} 重写", Tone.WARN)


def at_open(work: Work, outline: Outline) -> Work:
    """At the section in hand, if it is still there and open; else at the first that is, or done."""
    open_ = [s.role.value for s in outline.sections if not ((w := work.written(s.role.value)) and w.accepted)]
    if not open_:
        return replace(work, step=Step.DONE)
    return replace(work, step=Step.DRAFT, current=work.current if work.current in open_ else open_[0])


def stale(work: Work, outline: Outline) -> tuple[str, ...]:
    """Roles of the written sections whose facts have changed since."""
    return tuple(
        s.role.value for s in outline.sections if (written := work.written(s.role.value)) and written.basis != basis(s, work)
    )


def _changed_id(before: Work, after: Work) -> str:
    known = {f.id: f for f in after.facts}
    return next((f.id for f in before.facts if known.get(f.id) != f), "")
