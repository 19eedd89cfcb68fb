"""A batch: the input is planned into the journal, what is not done yet is drafted, and the overview is written.

    given_units --key--> Journal.plan --waiting--> Engine.draft (many at a time) --> Journal.finished --> overview

Everything that a draft depends on goes into a unit's key, so a second run does what the first did not, and what has changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol

from kepudraft._version import __version__
from kepudraft.batch.answers import Desk
from kepudraft.batch.budget import Budget, Price
from kepudraft.batch.crew import CrewEngine
from kepudraft.batch.engine import Drafted, Engine, HereEngine, ModelSource, Shop
from kepudraft.batch.given import GivenUnit
from kepudraft.batch.inputs import given_units
from kepudraft.batch.journal import Journal, Planned
from kepudraft.batch.limits import Gate, Limits
from kepudraft.batch.unit import DraftOptions, StopRun
from kepudraft.compose.with_model import Figures
from kepudraft.errors import ExportError, InputError, KepudraftError
from kepudraft.llm.chat import ChatModel
from kepudraft.settings import Settings, load_settings

_PACKAGE = Path(__file__).resolve().parents[1]
_WATCH_EVERY_S = 0.1


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is run.

    Attributes:
        draft: What the drafts depend on; `date` None takes the day of the first run in the folder.
        dated: False leaves the date of signature open.
        source: How worker processes open the endpoint; None for none.
        model: The endpoint as an object: drafting then happens in this process. None with `source` None drafts offline.
        exemplars: Look up exemplars for the model.
        figures: Whether the model sees values ("shown") or names of them only ("hidden").
        workers: Processes; the number of cores if None, 0 for none.
        places: Units at a time with a model.
        limits: What the endpoint takes.
        price: Of the model, for the account.
        max_cost: Yuan that all runs in the folder may spend.
        max_tokens: Tokens that they may use.
        only_failed: Draft those again that failed, nothing else.
        settings: Where corpus and prompts are.
    """

    draft: DraftOptions = field(default_factory=DraftOptions)
    dated: bool = True
    source: ModelSource | None = None
    model: ChatModel | None = None
    exemplars: bool = False
    figures: str = Figures.SHOWN
    workers: int | None = None
    places: int = 64
    limits: Limits = field(default_factory=Limits)
    price: Price | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    only_failed: bool = False
    settings: Settings = field(default_factory=load_settings)


@dataclass(slots=True)
class Progress:
    """Where a run stands. True counts: every planned unit is in exactly one of done, failed, same, before, waiting, active."""

    total: int = 0
    before: int = 0
    same: int = 0
    done: int = 0
    failed: int = 0
    attention: int = 0
    active: int = 0
    tokens: int = 0
    cost: float = 0.0
    requests: int = 0
    in_flight: int = 0
    started: float = field(default_factory=time.monotonic)
    stopped: str = ""
    interrupted: bool = False

    @property
    def waiting(self) -> int:
        """Units that nobody has begun."""
        return self.total - self.before - self.same - self.done - self.failed - self.active

    @property
    def seconds_left(self) -> float | None:
        """Judged by the speed so far; None before the first unit."""
        made = self.done + self.failed
        if not made:
            return None
        return (time.monotonic() - self.started) / made * (self.waiting + self.active)


class Watch(Protocol):
    """Shows the progress."""

    def __call__(self, progress: Progress, /) -> None:
        """Called now and then while units are drafted."""
        ...


Notify = Callable[[str], None]
EngineFactory = Callable[[Shop], Engine]


def run_batch(
    source: str | Path | Iterable[GivenUnit], out: str | Path, options: BatchOptions | None = None, *, stdin: BinaryIO | None = None,
    watch: Watch = lambda _: None, notify: Notify = lambda _: None, engine: EngineFactory | None = None,
) -> Progress:
    """Draft all units of an input into a folder.

    Args:
        source: See `given_units`; or the units themselves.
        out: The folder; made if it is not there, continued if it is.
        options: How.
        stdin: What "-" reads.
        watch: Shown the progress.
        notify: Told what is passed over.
        engine: Makes another place of work than this machine's processes.

    Returns:
        The counts; `summary.xlsx` and `index.html` in the folder hold the rest.

    Raises:
        InputError: The input as a whole cannot be used.
        ExportError: The folder cannot be written to.
    """
    options = options or BatchOptions()
    folder = Path(out)
    _refuse_same(source, folder)
    with Journal(folder) as journal:
        options = settled(options, journal)
        units = given_units(str(source), stdin=stdin, notify=notify) if isinstance(source, str | Path) else source
        plan_units(journal, units, options)
        progress = asyncio.run(_run(journal, options, watch, engine))
        from kepudraft.batch.overview import write_overview

        write_overview(journal, folder)
    return progress


def plan_units(journal: Journal, units: Iterable[GivenUnit], options: BatchOptions) -> int:
    """Write the plan of an input into the journal; returns the number of units.

    Raises:
        InputError: The input holds no unit.
    """
    common = common_key(options)

    def keyed() -> Iterator[tuple[str, GivenUnit]]:
        for unit in units:
            yield hashlib.sha256(f"{unit.digest}|{common}".encode()).hexdigest(), unit

    total = journal.plan(keyed())
    if not total:
        raise InputError("一个单位也没有", remedy="请检查输入的内容")
    return total


def common_key(options: BatchOptions) -> str:
    """Hash of all that every draft of a run depends on beside its facts."""
    endpoint = opened(options)
    model = endpoint.name if endpoint else ""
    rules = rules_fingerprint(options.settings, prompts=bool(model))
    body = [options.draft.parameters(), model, options.exemplars, str(options.figures), __version__, rules]
    if options.exemplars:
        body.append(_index_fingerprint(options.settings))
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def rules_fingerprint(settings: Settings, *, prompts: bool) -> str:
    """Hash of the rule files (indicators, phrases, roles …), and of the prompts where a model reads them."""
    files = [*sorted(_PACKAGE.rglob("*.toml")), settings.corpus_dir / "roles.toml"]
    if prompts and settings.prompts_dir.is_dir():
        files += sorted(p for p in settings.prompts_dir.rglob("*") if p.is_file())
    digest = hashlib.sha256()
    for path in files:
        if path.name != "prices.toml":
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def settled(options: BatchOptions, journal: Journal) -> BatchOptions:
    """The options with the day of the first run in the folder as date of signature: tomorrow's second run signs the same day."""
    draft = options.draft
    if options.dated and draft.date is None:
        day = date.fromisoformat(journal.meta("date", date.today().isoformat()))
        draft = replace(draft, date=(day.year, day.month, day.day))
    return replace(options, draft=draft)


def opened(options: BatchOptions) -> ChatModel | None:
    """The endpoint, or None for drafting offline."""
    return options.model or (options.source.open() if options.source else None)


def shop_of(folder: Path, options: BatchOptions) -> Shop:
    """What a place of work must know."""
    return Shop(folder, options.draft, options.settings, options.source, options.exemplars, options.figures)


def _index_fingerprint(settings: Settings) -> str:
    from kepudraft.retrieval import open_retriever

    return open_retriever(
        settings.corpus_dir, cache=settings.cache_dir, user_corpus=settings.user_corpus_dir, encoder=settings.encoder,
        notify=lambda _: None,
    ).fingerprint


def _refuse_same(source: object, folder: Path) -> None:
    if isinstance(source, str | Path) and source != "-" and Path(source).is_dir() and folder.exists() and folder.samefile(source):
        raise InputError("输出文件夹就是输入文件夹，草稿会混进事实里", place=str(folder), remedy="请用 -o 给出另一个文件夹")


async def _run(journal: Journal, options: BatchOptions, watch: Watch, factory: EngineFactory | None) -> Progress:
    spent = journal.spent()
    budget = Budget(
        price=options.price, max_cost=options.max_cost, max_tokens=options.max_tokens, spent=(spent.usage.total, spent.cost)
    )
    desk = Desk(journal, Gate(options.limits, budget))
    total, same = journal.counts()
    waiting = journal.waiting(suffixes=options.draft.formats, only_failed=options.only_failed)
    progress = Progress(total=total, same=same, before=total - same - len(waiting))
    shop = shop_of(journal.folder, options)
    engine = factory(shop) if factory else _engine(shop, options)
    run = _Run(desk, engine, progress, iter(journal.planned(waiting)))
    with _interruptible(run):
        return await run.whole(watch, seats=min(engine.places, max(1, len(waiting))))


def _engine(shop: Shop, options: BatchOptions) -> Engine:
    workers = options.workers if options.workers is not None else (os.cpu_count() or 1)
    if options.model is not None or workers == 0:
        model = opened(options)
        return HereEngine(shop, model, options.places if model else 1)
    return CrewEngine(shop, workers, options.places)


class _Run:
    """The consumers of one run."""

    def __init__(self, desk: Desk, engine: Engine, progress: Progress, waiting: Iterator[Planned]) -> None:
        self.desk, self.engine, self.progress, self.waiting = desk, engine, progress, waiting
        self.trouble: KepudraftError | None = None
        self.paid_before = desk.journal.spent().answers > 0
        self.tasks: list[asyncio.Task[None]] = []

    async def whole(self, watch: Watch, seats: int) -> Progress:
        """Run until nothing is left or the run is stopped; what is in flight is always finished."""
        watching = asyncio.create_task(self._watch(watch))
        try:
            await self.engine.open(self.desk)
            self.tasks = [asyncio.create_task(self._consume(seat)) for seat in range(seats)]
            await asyncio.gather(*self.tasks)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, *self.desk.asking.values(), return_exceptions=True)
            await self.engine.close()
            watching.cancel()
            self._count()
            watch(self.progress)
        if self.trouble:
            raise self.trouble
        return self.progress

    def interrupt(self) -> None:
        """First time: finish what is in flight. Second time: now."""
        if self.progress.interrupted:
            for task in self.tasks:
                task.cancel()
        self.progress.interrupted = True
        self.desk.gate.stop("已中断")

    async def _consume(self, seat: int) -> None:
        for planned in self.waiting:
            if self.desk.gate.stopped:
                return
            self.progress.active += 1
            try:
                self.desk.journal.started(planned)
                self._finish(planned, await self.engine.draft(planned, seat))
            except StopRun:
                return
            except ExportError as error:  # a full disk fails for all units alike: stop, the second run goes on from here
                self.trouble = self.trouble or error
                self.desk.gate.stop(str(error))
                return
            finally:
                self.progress.active -= 1

    def _finish(self, planned: Planned, drafted: Drafted) -> None:
        spent = self.desk.journal.spent(planned.key) if self.desk.answers or self.paid_before else None
        result = drafted.result
        if spent and spent.answers:
            result = replace(result, requests=spent.answers, tokens=spent.usage.total, cost=round(spent.cost, 6))
        state = "failed" if result.error else "done"
        self.desk.journal.finished(planned, state, result.record(), measures=drafted.measures, files=drafted.files)
        self.progress.done += state == "done"
        self.progress.failed += state == "failed"
        self.progress.attention += result.attention

    def _count(self) -> None:
        p, gate = self.progress, self.desk.gate
        p.tokens, p.cost, p.requests = gate.budget.tokens, gate.budget.cost, self.desk.answers
        p.in_flight, p.stopped = gate.in_flight, gate.stopped

    async def _watch(self, watch: Watch) -> None:
        while True:
            self._count()
            watch(self.progress)
            await asyncio.sleep(_WATCH_EVERY_S)


@contextlib.contextmanager
def _interruptible(run: _Run) -> Iterator[None]:
    """Ctrl-C and a polite kill end the run in good order, where the system lets a loop hear them."""
    loop = asyncio.get_running_loop()
    heard = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; another thread than the main one
            loop.add_signal_handler(number, run.interrupt)
            heard.append(number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
