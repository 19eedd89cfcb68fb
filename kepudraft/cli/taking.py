"""Runs the taking in of many files: one after another, so that an interruption leaves whole exemplars only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from kepudraft.corpus import read_corpus
from kepudraft.errors import CorpusError, KepudraftError
from kepudraft.genre import Genre, UnitType, load_genre
from kepudraft.ingest.label import Neighbours
from kepudraft.ingest.read import FORMATS
from kepudraft.ingest.store import UserCorpus
from kepudraft.ingest.take import Intake, Taken, relabelled, take_in
from kepudraft.settings import Settings, load_settings

Ask = Callable[[Intake, Taken, Genre], Taken]
"""Asks a person for what is uncertain, and gives the summary back with the answers."""


class Shown(Protocol):
    """What shows how far the work is."""

    def file(self, name: str) -> None:
        """Say that a file is begun."""

    def indexed(self, done: int, of: int) -> None:
        """Say how many passages are encoded."""

    def pause(self) -> None:
        """Leave the terminal to a question."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line says of all files."""

    unit_type: UnitType | None = None
    year: int | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """One summary and what became of it: its id ("" if left out), and whether it is new."""

    taken: Taken
    id: str
    new: bool


@dataclass(slots=True)
class Outcome:
    """What became of all files; `known` names files that had been added before."""

    intakes: list[Intake] = field(default_factory=list)
    kept: list[tuple[Intake, list[Kept]]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    known: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    interrupted: bool = False
    passages: int = 0


def named_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that paths name: a folder stands for the summaries in it, at any depth, a pattern for what fits.

    Shells of Windows leave patterns to the program. What names nothing is returned as it is, to be told when it is read.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside: list[Path] = []
        if path.is_dir():
            inside = [one for one in path.rglob("*") if one.suffix.lower() in FORMATS and one.is_file() and one.name[0] not in ".~"]
        elif not path.exists() and any(mark in path.name for mark in "*?["):
            inside = [one for one in path.parent.glob(path.name) if one.is_file()]
        found |= dict.fromkeys(sorted(inside) or [path])
    return tuple(found)


def add_files(files: Sequence[Path], said: Said, shown: Shown, *, ask: Ask | None) -> Outcome:
    """Take files in, store their summaries and bring the index up to date.

    Args:
        files: In order; a file that cannot be read is told in the outcome and does not stop the others.
        said: See `Said`.
        shown: Told how far it is.
        ask: For uncertain labels; None to leave them marked.
    """
    settings = load_settings()
    corpus, outcome = UserCorpus(settings.user_corpus_dir), Outcome()
    known = corpus.files()  # so that adding a thousand files again reads none of them
    try:
        for intake in _read(files, settings, shown, outcome, known):
            kept: list[Kept] = []
            outcome.kept.append((intake, kept))
            kept.extend(_stored(intake, corpus, settings, said, shown, ask))
            if all(one.id for one in kept):
                known[intake.digest] = tuple(one.id for one in kept)
        if any(one.new for _, kept in outcome.kept for one in kept):
            outcome.passages = refresh_index(shown.indexed)
    except KeyboardInterrupt:
        outcome.interrupted = True
    return outcome


def read_files(files: Sequence[Path], shown: Shown) -> Outcome:
    """Take files in without storing anything."""
    outcome = Outcome()
    outcome.intakes += _read(files, load_settings(), shown, outcome, {})
    return outcome


def refresh_index(progress: Callable[[int, int], None] | None) -> int:
    """Bring the index over the user's corpus up to date; return the number of its passages."""
    from kepudraft.retrieval import refresh

    settings = load_settings()
    return refresh(
        settings.user_corpus_dir, cache=settings.cache_dir, encoder=settings.encoder, progress=progress
    ).passages


def corpus_faults(corpus: UserCorpus) -> list[dict[str, Any]]:
    """Return what is wrong with the files of the user's corpus: unreadable ones, and such without record."""
    if not corpus.ids():
        return []
    faults = [{"id": name, "message": "缺少收入时的记录"} for name in corpus.ids() if corpus.record(name) is None]
    try:
        read_corpus(corpus.folder)
    except CorpusError as error:
        faults.append({"id": "", "message": str(error)})
    return faults


def _read(
    files: Sequence[Path], settings: Settings, shown: Shown, outcome: Outcome, known: dict[str, tuple[str, ...]]
) -> Iterator[Intake]:
    genre = load_genre(settings.corpus_dir)
    neighbours: Neighbours | None = None
    for path in files:
        shown.file(path.name)
        try:
            if known and (ids := known.get(_digest(path))):
                outcome.known.append((path.name, ids))
                continue
            neighbours = neighbours or _neighbours(settings)
            yield take_in(path, genre, neighbours)
        except KepudraftError as error:
            outcome.failed.append(str(error))


def _neighbours(settings: Settings) -> Neighbours:
    # The encoder takes half a second to open: only where there is something to label.
    from kepudraft.cli.neighbours import open_neighbours

    return open_neighbours(settings.corpus_dir, cache=settings.cache_dir, encoder=settings.encoder)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest() if path.is_file() and path.stat().st_size < 1 << 25 else ""
    except OSError:
        return ""


def _stored(
    intake: Intake, corpus: UserCorpus, settings: Settings, said: Said, shown: Shown, ask: Ask | None
) -> Iterator[Kept]:
    genre = load_genre(settings.corpus_dir)
    for taken in intake.taken:
        if said.strict and taken.severe:
            yield Kept(taken, "", new=False)
            continue
        taken = relabelled(taken, unit_type=said.unit_type, year=said.year)
        if ask is not None:
            shown.pause()
            taken = ask(intake, taken, genre)
        stored = corpus.add(intake, taken, genre, added=date.today().isoformat())
        yield Kept(taken, stored.id, new=stored.new)
