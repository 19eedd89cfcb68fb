"""Is a fact told whose words, not figures, say what it says? In its own words, or in words for the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kepudraft.figures.fold import fold
from kepudraft.verify.context import wording
from kepudraft.verify.grounding import grounding_rules

CLAUSE = re.compile("[^，,；;。：:、（）()\n]+")
"""What a fact says is told clause by clause."""

_SENTENCE = re.compile("[^。！？!?\n]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEAST_WORDED = 0.6  # share of a clause's telling characters that must be said
_LEAST_SHARED = 0.3  # share of a fact's characters without which a sentence does not tell it, whatever words it takes
_SHORT = 6  # characters up to which they count one by one: 全村 for 村里
_LEAST_TELLING = 2  # characters without which a clause says nothing of its own


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as it is searched for what facts say.

    Attributes:
        body: Folded.
        names: Of the known words in it, the names of their groups: 观众 is there where 参观者 stands.
    """

    body: str
    names: frozenset[str]

    @classmethod
    def of(cls, body: str) -> Said:
        """A folded sentence."""
        return cls(body, frozenset(wording().names[m.group()] for m in wording().known.finditer(body)))

    def shares(self, clause: str, *, beside: Said) -> bool:
        """True if a folded clause says a word that stands here and not in `beside`."""
        pairs = {clause[i : i + 2] for i in range(len(clause) - 1)}
        names = {wording().names[m.group()] for m in wording().known.finditer(clause)}
        return any(p in self.body and p not in beside.body for p in pairs) or bool(names & self.names - beside.names)

    def lacks(self, text: str) -> str:
        """The first known word of `text` (a fact's, folded) that is not said, nor another word for the same, nor all its characters; or "".

        «学习课程18门» does not tell of 研学课程, «校园结合学校28所» not of 馆校结合; «参加培训412人次» tells of 参训.
        """
        for match in wording().known.finditer(text):
            word = match.group()
            if len(word) > 1 and wording().names[word] not in self.names and not set(word) <= set(self.body):
                return word
        return ""

    def tells(self, text: str, start: int, end: int) -> bool:
        """True if enough of `text[start:end]` (a fact's, folded) stands here; words that any fact may have count only where there are no others."""
        body = self.body
        part = _part(text, start, end)
        telling = part.telling
        if len(telling) < _LEAST_TELLING or text[start:end] in body:
            return True
        said = {i for i in telling if text[i] in body} if len(telling) <= _SHORT else set()
        said |= {j for i in range(start, end - 1) if text[i : i + 2] in body for j in (i, i + 1)}
        for name, span in part.known:
            if name in self.names:
                said |= set(span)
        return len(said & telling) >= _LEAST_WORDED * len(telling)


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause of a fact: where the characters stand that tell something, and its known words by the names of their groups."""

    telling: frozenset[int]
    known: tuple[tuple[str, range], ...]


@lru_cache(maxsize=4096)  # a fact is looked for in many sentences
def _part(text: str, start: int, end: int) -> _Part:
    han = {i for i in range(start, end) if _HAN.match(text[i])}
    common = {i for m in grounding_rules().neutral.finditer(text, start, end) for i in range(*m.span())}
    telling = han - common if len(han - common) >= _LEAST_TELLING else han
    known = tuple((wording().names[m.group()], range(*m.span())) for m in wording().known.finditer(text, start, end))
    return _Part(frozenset(telling), known)


def told_in(facts: dict[str, str], text: str) -> frozenset[str]:
    """Of facts without figures (id -> text) those that one sentence of a text tells, every clause of them.

    Args:
        facts: What to look for.
        text: Any text.
    """
    if not facts:
        return frozenset()
    body = fold(text)
    wanted = {name: fold(words) for name, words in facts.items()}
    told = {name for name, words in wanted.items() if words in body}
    if len(told) == len(wanted):
        return frozenset(told)
    sentences = [(m.group(), frozenset(m.group())) for m in _SENTENCE.finditer(body)]
    looked_at: dict[str, Said] = {}
    for name, folded in wanted.items():
        if name in told:
            continue
        own = set(folded)
        for sentence, signs in sentences:
            # Looking closely costs much, and most facts are not told in most sentences.
            if len(own & signs) < _LEAST_SHARED * len(own):
                continue
            if sentence not in looked_at:
                looked_at[sentence] = Said.of(sentence)
            if _tells_all(looked_at[sentence], folded):
                told.add(name)
                break
    return frozenset(told)


def _tells_all(said: Said, words: str) -> bool:
    return all(said.tells(words, *clause.span()) for clause in CLAUSE.finditer(words))
