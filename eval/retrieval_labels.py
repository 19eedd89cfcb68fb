"""Roles of a benchmark's passages by the labeller that the product takes summaries in with, in place of hand labels.

The passages of a document are read as its text; each is labelled where it stands, with the headings over it. What is
asked for keeps its role: in the product the outline knows it. A benchmark's own roles are told in this project's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from kepudraft.cli.neighbours import CorpusNeighbours
from kepudraft.corpus import Excerpt, read_corpus
from kepudraft.genre import Genre, Role, load_genre
from kepudraft.ingest.label import ALSO, Neighbours, label_sections
from kepudraft.ingest.prose import Line, Prose
from kepudraft.ingest.sections import Section, paragraphs, sections
from kepudraft.retrieval.encode import Encoder
from kepudraft.retrieval.library import open_index

ROLES_OF = {
    "OV": {Role.OVERVIEW},
    "LD": {Role.LEADERSHIP},
    "AC": {Role.ACTIVITIES},
    "CM": {Role.ACTIVITIES},
    "RU": {Role.RURAL},
    "YO": {Role.YOUTH},
    "TM": {Role.TEAM},
    "BA": {Role.VENUES},
    "ME": {Role.VENUES},
    "RS": {Role.RESULTS},
    "PB": {Role.PROBLEMS},
    "PL": {Role.PLANS},
    "PT": {Role.TEAM, Role.LEADERSHIP},
}
"""A benchmark's roles in this project's."""


def guessed_roles(passages: Sequence[Excerpt], corpus: Path, encoder: Encoder, *, cache: Path, apart: bool) -> list[frozenset[str]]:
    """Return the role of each passage, and the second one where the labeller keeps it.

    Args:
        passages: In order; those of a document stand together.
        corpus: The labelled corpus.
        encoder: For likeness to it.
        cache: For its index.
        apart: Keep exemplars that retell public texts, perhaps those of the benchmark, from the labeller, which may
            otherwise know its answers.
    """
    retold = [exemplar.id for exemplar in read_corpus(corpus) if apart and not exemplar.fictional]
    neighbours = CorpusNeighbours(open_index(corpus, encoder, folder=cache).index, encoder, retold)
    genre = load_genre(corpus)
    return [
        roles
        for _, document in groupby(passages, key=lambda passage: passage.exemplar_id)
        for roles in _guessed([passage.text for passage in document], genre, neighbours)
    ]


def _guessed(texts: Sequence[str], genre: Genre, neighbours: Neighbours) -> Iterator[frozenset[str]]:
    """Yield the roles of each passage of one document; one that spans sections has theirs, by their lengths."""
    lines, owners = list[Line](), list[int]()
    for number, text in enumerate(texts):
        for line in text.split("\n"):
            lines.append(Line(len(lines) + 1, line))
            owners.append(number)
    pieces = [piece for section in sections(paragraphs(lines)) for piece in _parted(section, owners)]
    chars = [Counter[str]() for _ in texts]
    for one in label_sections(pieces, genre, neighbours):
        length = len(one.section.text) + len(one.section.heading)
        of_passage = chars[owners[one.section.line - 1]]
        of_passage[one.role.value.value] += length
        if one.role.also is not None:
            of_passage[one.role.also.value] += round(ALSO * length)
    for found in chars:
        yield frozenset(role for role, count in found.items() if count >= ALSO * max(found.values()) - 1)


def _parted(section: Section, owners: Sequence[int]) -> Iterator[Section]:
    """Cut a section between passages; only the first piece has its heading, the others stand one level below it."""
    parts: dict[int, list[Prose]] = {owners[section.line - 1]: []} if section.heading else {}
    for piece in section.paragraphs:
        ends = [start for start, _ in piece.starts[1:]]
        for (start, line), end in zip(piece.starts, [*ends, None], strict=True):
            parts.setdefault(owners[line - 1], []).append(piece.cut(start, end))
    below = Section(section.level + 1 if section.level else 0, "", "", 0, ())
    for place, texts in enumerate(parts.values()):
        if place == 0:
            yield replace(section, paragraphs=tuple(texts))
        else:
            yield replace(below, line=texts[0].line_at(0), paragraphs=tuple(texts))


def own_roles(roles: frozenset[str]) -> frozenset[str]:
    """Return a benchmark's roles in this project's."""
    return frozenset(role.value for name in roles for role in ROLES_OF[name])
