"""Roles of passages without hand labels: those of their neighbours in the shipped corpus.

Cue words of roles.toml were tried beside them and made it worse (they are made for facts, not for prose). What is
asked for keeps its role: in the product the outline knows it. A benchmark's own roles are told in this project's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kepudraft.genre import Role
from kepudraft.retrieval import open_retriever

NEIGHBOURS = 24
ENOUGH = 0.8
"""Of the best role's share: a role with so much is given too, since a passage often tells of two."""
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


def guessed_roles(texts: Sequence[str], corpus: Path, cache: Path) -> list[frozenset[str]]:
    """Return the likeliest role of each text, and those nearly as likely.

    Args:
        texts: Passages.
        corpus: The labelled corpus: its passages are the neighbours, nearer ones count more.
        cache: For its index.
    """
    retriever = open_retriever(corpus, cache=cache)
    found = []
    for text in texts:
        shares = dict.fromkeys(Role, 0.0)
        for hit in retriever.search(text, k=NEIGHBOURS):
            shares[hit.excerpt.role] += 1 / (4 + hit.rank)
        best = max(shares.values())
        found.append(frozenset(role.value for role, share in shares.items() if share >= ENOUGH * best))
    return found


def own_roles(roles: frozenset[str]) -> frozenset[str]:
    """Return a benchmark's roles in this project's."""
    return frozenset(role.value for name in roles for role in ROLES_OF[name])
