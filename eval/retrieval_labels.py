"""Roles of passages and queries without hand labels: cue words of roles.toml, and neighbours in the shipped corpus.

Each gives every role a share; their sum decides. A text may have several roles, as a section that tells of lectures and
of the volunteers who gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kepudraft.genre import Genre, Role, load_genre
from kepudraft.retrieval import open_retriever
from kepudraft.retrieval.search import Retriever

NEIGHBOURS = 24
ENOUGH = 0.6
"""Of the best role's share: a role with so much is given too."""


class RoleGuesser:
    """Gives texts the roles that this project knows.

    Args:
        corpus: The labelled corpus: its passages are the neighbours.
        cache: For its index.
    """

    def __init__(self, corpus: Path, cache: Path) -> None:
        self._genre = load_genre(corpus)
        self._retriever = open_retriever(corpus, cache=cache)

    def roles(self, text: str) -> frozenset[str]:
        """Return the likeliest role of a text, and those nearly as likely."""
        shares = _sum(cue_shares(self._genre, text), neighbour_shares(self._retriever, text))
        best = max(shares.values())
        return frozenset(role.value for role, share in shares.items() if share >= ENOUGH * best)


def cue_shares(genre: Genre, text: str) -> dict[Role, float]:
    """Return what share of the cues found in a text tell of each role; all 0 where there are none."""
    found = dict.fromkeys(Role, 0.0)
    for role, form in genre.roles.items():
        # A label at the very beginning names the section.
        if any(text.startswith(label) for label in (form.title, *form.labels) if label):
            found[role] += 8.0
        found[role] += 4.0 * any(text.startswith(word) for word in form.openings)
    for topic in genre.topics:
        found[topic.role] += float(sum(len(cue) for cue in topic.cues if cue in text))
    return _shared(found)


def neighbour_shares(retriever: Retriever, text: str) -> dict[Role, float]:
    """Return what share each role has among a text's neighbours, nearer ones counting more."""
    found = dict.fromkeys(Role, 0.0)
    for hit in retriever.search(text, k=NEIGHBOURS):
        found[hit.excerpt.role] += 1 / (4 + hit.rank)
    return _shared(found)


def _shared(found: Mapping[Role, float]) -> dict[Role, float]:
    total = sum(found.values())
    return {role: value / total if total else 0.0 for role, value in found.items()}


def _sum(*shares: Mapping[Role, float]) -> dict[Role, float]:
    return {role: sum(one[role] for one in shares) for role in Role}


def guessed(guesser: RoleGuesser, texts: Sequence[str]) -> list[frozenset[str]]:
    """Return the roles of each text."""
    return [guesser.roles(text) for text in texts]
