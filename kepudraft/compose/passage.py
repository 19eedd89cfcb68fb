"""What composing gives, whoever wrote it: sentences that know their facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Who wrote a sentence."""

    MODEL = "model"
    REPAIRED = "repaired"
    OFFLINE = "offline"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its end mark, the ids of the facts it tells, and who wrote it.

    `gap` is what must be supplied where material is missing; the text is then 【待补充：…】. `lead` is the beginning of the text
    that only joins (一是, 2025年度，江州市科技馆): whoever words the facts anew keeps it.
    """

    text: str
    fact_ids: tuple[str, ...]
    origin: Origin
    gap: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The prose of one section or part: paragraphs of sentences, and the exemplars that were shown for it."""

    paragraphs: tuple[tuple[Sentence, ...], ...]
    exemplar_ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The prose, paragraphs parted by a line break."""
        return "\n".join("".join(s.text for s in paragraph) for paragraph in self.paragraphs)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order."""
        return tuple(s for paragraph in self.paragraphs for s in paragraph)
