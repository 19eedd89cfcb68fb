"""What a text has taken over from the exemplars that were shown for it: runs of words, figures, names.

Exemplars lend style, never content. A run that the facts hold too is nobody's property.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kepudraft.corpus_rules import people
from kepudraft.figures.fold import fold
from kepudraft.figures.slots import MASK

LONGEST_RUN = 12
"""Characters in a row that a text may share with an exemplar; one more is copied (issue: runs of 13 or more)."""

_MARKS = re.compile(rf"[\s\u3000]+|{re.escape(MASK)}")
_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,10}?(?:省|市|区|县|镇|乡|街道|社区|村|科技馆|博物馆|植物园|中学|小学|大学|学院|医院|公司|基地|学会|协会)"
)
_QUOTED = re.compile("[《“]([^》”]{2,40})[》”]")


def leaks(text: str, exemplars: Sequence[str], known: str) -> tuple[str, ...]:
    """What of the exemplars stands in `text`, each as it stands there.

    Args:
        text: One sentence or more.
        exemplars: The passages shown, as shown or in full.
        known: Facts, headings, names and the offline wording: what may be said by right.
    """
    body, given = fold(text), fold(known)
    found = [*([MASK] if MASK in text else [])]
    for lent in map(_lent, exemplars):
        found += _runs(body, lent.runs, given)
        found += [name for name in lent.names if name in body and name not in given]
    return tuple(dict.fromkeys(found))


def places(text: str) -> tuple[str, ...]:
    """Names of places and organisations in a text: what is masked in an exemplar before a model sees it."""
    return tuple(dict.fromkeys(m.group() for m in _NAME.finditer(text)))


@dataclass(frozen=True, slots=True)
class _Lent:
    """What of an exemplar must not come back: runs of one character more than allowed, names quoted and of persons."""

    runs: frozenset[str]
    names: tuple[str, ...]


@lru_cache(maxsize=256)  # every sentence of a section is held against the same few
def _lent(exemplar: str) -> _Lent:
    text, size = fold(exemplar), LONGEST_RUN + 1
    pieces = [piece for piece in _MARKS.split(text) if len(piece) >= size]
    runs = frozenset(piece[i : i + size] for piece in pieces for i in range(len(piece) - size + 1))
    return _Lent(runs, (*(m.group(1) for m in _QUOTED.finditer(text)), *people(text)))


def _runs(body: str, theirs: frozenset[str], given: str) -> list[str]:
    size = LONGEST_RUN + 1
    found: list[str] = []
    i = 0
    while i <= len(body) - size:
        if body[i : i + size] not in theirs:
            i += 1
            continue
        end = i + size
        while end < len(body) and body[end - size + 1 : end + 1] in theirs:
            end += 1
        if body[i:end] not in given:
            found.append(body[i:end])
        i = end
    return found
