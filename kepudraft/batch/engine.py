"""Where units are drafted: the port that run.py drives, the plan that workers are given, and drafting in this very process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from kepudraft.batch.answers import Desk
from kepudraft.batch.exemplars import SharedExemplars
from kepudraft.batch.journal import Planned
from kepudraft.batch.placing import place
from kepudraft.batch.unit import DraftOptions, Made, UnitResult, make, make_with_model
from kepudraft.compose.with_model import Figures
from kepudraft.llm.chat import ChatModel
from kepudraft.pipeline import Drafter
from kepudraft.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelSource:
    """How any process opens the endpoint: a function by its name, and what it is called with.

    Attributes:
        factory: «module:function»; it returns a `ChatModel`.
        arguments: Keyword arguments, plain values.
    """

    factory: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def open(self) -> ChatModel:
        """The endpoint."""
        module, _, name = self.factory.partition(":")
        model: ChatModel = getattr(import_module(module), name)(**self.arguments)
        return model


@dataclass(frozen=True, slots=True)
class Shop:
    """All that a place of work must know before the first unit.

    Attributes:
        folder: Where files go.
        options: What drafts depend on.
        settings: Where corpus and prompts are.
        source: How to open the endpoint, or None to draft offline.
        exemplars: Look up exemplars (only a model reads them).
        figures: Whether a model sees values ("shown") or names of them only ("hidden").
    """

    folder: Path
    options: DraftOptions
    settings: Settings
    source: ModelSource | None = None
    exemplars: bool = False
    figures: str = Figures.SHOWN

    def drafter(self) -> Drafter:
        """A drafter without model."""
        options = self.options
        searcher = None
        if self.exemplars:
            from kepudraft.retrieval import open_retriever

            s = self.settings
            searcher = SharedExemplars(open_retriever(
                s.corpus_dir, cache=s.cache_dir, user_corpus=s.user_corpus_dir, encoder=s.encoder, notify=lambda _: None
            ))
        return Drafter(self.settings, searcher, options.length, options.seed, options.style, figures=Figures(self.figures))


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of a unit and which files were written, by suffix with their SHA-256."""

    result: UnitResult
    measures: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """A place of work."""

    @property
    def places(self) -> int:
        """How many units are drafted at a time."""
        ...

    async def open(self, desk: Desk) -> None:
        """Get ready."""
        ...

    async def draft(self, planned: Planned, seat: int) -> Drafted:
        """Draft a unit and write its files.

        Raises:
            StopRun: The run ends; the unit is not done.
            ExportError: The folder cannot be written to.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class HereEngine:
    """Drafts in this process: for models that are objects (scripted, a local file), and where processes are not wanted.

    Args:
        shop: What to do.
        model: The endpoint; None drafts offline.
        places: Units at a time.
    """

    def __init__(self, shop: Shop, model: ChatModel | None, places: int) -> None:
        self.places = places
        self._shop, self._model = shop, model
        self._desk: Desk | None = None
        self._drafter: Drafter | None = None

    async def open(self, desk: Desk) -> None:
        """See `Engine`."""
        self._desk, self._drafter = desk, self._shop.drafter()

    async def draft(self, planned: Planned, seat: int) -> Drafted:
        """See `Engine`."""
        assert self._desk is not None
        assert self._drafter is not None  # opened
        made = await self._made(planned, self._desk, self._drafter)
        known = self._desk.journal.written(planned.stem)
        return await asyncio.to_thread(placed, made, self._shop.folder, planned.stem, known)

    async def close(self) -> None:
        """See `Engine`."""

    async def _made(self, planned: Planned, desk: Desk, drafter: Drafter) -> Made:
        if self._model is None:
            return await asyncio.to_thread(make, planned.unit, drafter, self._shop.options)

        def section(n: int, heading: str, state: str) -> None:
            desk.journal.section(planned.key, n, heading, state)

        model = desk.model(self._model, planned.key)
        return await make_with_model(planned.unit, replace(drafter, model=model), self._shop.options, section)


def placed(made: Made, folder: Path, stem: str, known: Mapping[str, set[str]]) -> Drafted:
    """Write what was made; a failed unit writes nothing and leaves what stands there."""
    files = place(folder, stem, made.contents, known) if made.contents else {}
    return Drafted(made.result, made.measures, files)
