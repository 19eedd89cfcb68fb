"""Composing with a model: what it is asked, and what its answer says of which facts. Asking itself is `writing`'s work.

The offline composer has put a section's facts into sentences. What a sentence tells of one thing becomes a point: one
numbered line of facts for the model, one line of its answer. So it is known of every line which facts it has to tell, and
a line that will not do has a clause that stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kepudraft.compose.offline import things_of, worded
from kepudraft.compose.passage import Passage, Sentence
from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.figures.scan import scan
from kepudraft.figures.slots import MASK, mask
from kepudraft.llm.chat import ChatRequest, Message
from kepudraft.llm.constrain import LineRule, line_grammar
from kepudraft.prompts import Prompt

_NUMBERED = re.compile(r"^\s*(?P<number>\d{1,2})\s*[.．、:：)）]\s*(?P<text>.+)$")
_QUOTED = re.compile("《[^》]{1,60}》|“[^”]{1,40}”")
_IDIOM = re.compile(r"[\u4e00-\u9fffA-Za-z]*[〇零二两三四五六七八九十百千万亿A-Za-z]+[\u4e00-\u9fffA-Za-z]?")
# What says a number and is no figure to `scan`: bare digits, numerals of cheques, ①, Ⅲ, shares in words.
_NUMERAL = re.compile("[0-9０-９]+|[壹贰叁肆伍陆柒捌玖拾佰仟廿卅]+|[①-⑳⑴-⒛㈠-㈩Ⅰ-Ⅻⅰ-ⅹ½¼¾⅓⅔]+|翻了?[一两二三几]?番|[一多近过减小大]半|半数|成倍|倍增")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_MARKUP = re.compile(r"\*\*|^#+\s*|`")
_END = "。；！？"
_ROOM = 1.5  # a sentence may be so much longer than its facts, and
_MORE = 24  # … so many characters more
_TOKENS_A_CHAR = 1.2  # of Chinese prose, never less than real vocabularies need


class Figures(StrEnum):
    """How a model is shown the figures."""

    SHOWN = "shown"  # as they are
    HIDDEN = "hidden"  # by name only: no value leaves the process


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to be told: its facts, and the offline composer's words for them.

    Attributes:
        number: From 1 within a passage.
        sentence: The offline composer's sentence that tells it, alone or with other things.
        offline: The offline composer's words for this thing, as a sentence with lead and end mark.
        lead: What the sentence begins with (一是); "" for all but its first thing.
        end: The end mark: the sentence's, or ； before a further thing of it.
        facts: What must be told, the unit's own first.
        shown: The facts as the model sees them.
        slots: In hidden mode, mark -> what stands in its place; else empty.
    """

    number: int
    sentence: Sentence
    offline: Sentence
    lead: str
    end: str
    facts: tuple[Fact, ...]
    shown: str
    slots: Mapping[str, str]

    @property
    def most_chars(self) -> int:
        """Free characters and literals that its line may have at most."""
        return int(len(self.shown) * _ROOM) + _MORE

    def guessed(self, raw: str) -> str:
        """In hidden mode the first number of a line of the answer that is no slot and was not shown; else "".

        It is refused whatever it is: were a right guess let through, the model would learn the value by it.
        """
        if not self.slots:
            return ""
        for mark in self.slots:
            raw = raw.replace(mark, "，")
        numbers = [*(f.surface for f in scan(raw).figures if not f.optional), *_NUMERAL.findall(raw)]
        return next((n for n in numbers if n not in self.shown), "")

    def filled(self, raw: str) -> str:
        """A line of the answer as a sentence: slots filled, with lead and end mark.

        A slot that is not this point's stays as it is, and is found by the check.
        """
        text = raw
        for mark, surface in self.slots.items():
            text = text.replace(mark, surface)
        text = _MARKUP.sub("", text).strip().rstrip("。！!？?；;.，, ").strip()
        for again in (self.lead, *_pieces_of(self.lead)):
            if again and text.startswith(again):
                text = text.removeprefix(again).lstrip("，,：: ")
        return f"{self.lead}{text}{self.end}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a line will not do, in words for the model."""

    point: Point
    raw: str
    problems: tuple[str, ...]


def points_of(passage: Passage, sheet: FactSheet, figures: Figures) -> tuple[Point, ...]:
    """What an offline passage tells, thing by thing."""
    points: list[Point] = []
    for sentence in passage.sentences:
        things = things_of(sentence, sheet) if sentence.fact_ids else ()
        for n, facts in enumerate(things, 1):
            shown, slots = _shown(facts, figures, first=sum(len(p.slots) for p in points))
            lead = sentence.lead if n == 1 else ""
            end = (sentence.text[-1:] if sentence.text[-1:] in _END else "。") if n == len(things) else "；"
            text = sentence.text if len(things) == 1 else f"{lead}{worded(facts, sheet.unit)}{end}"
            offline = replace(sentence, text=text, fact_ids=tuple(f.id for f in facts), lead=lead)
            points.append(Point(len(points) + 1, sentence, offline, lead, end, facts, shown, slots))
    return tuple(points)


def section_request(
    points: Sequence[Point], prompt: Prompt, *, heading: str, exemplars: Sequence[str], instruction: str, constrain: bool,
    temperature: float, seed: int,
) -> ChatRequest:
    """What the model is asked for these points; lines are numbered from 1 in their order here."""
    lines = "\n".join(f"{n}. {point.shown}" for n, point in enumerate(points, 1))
    examples = "范文（只学语气，内容一概不用）：\n" + "\n".join(exemplars) + "\n\n" if exemplars else ""
    wish = f"另外的要求：{instruction}\n" if instruction else ""
    values = {"exemplars": examples, "instruction": wish, "heading": heading or "开头", "facts": lines}
    return _request(prompt, values, points, constrain=constrain, temperature=temperature, seed=seed)


def repair_request(
    complaints: Sequence[Complaint], prompt: Prompt, *, heading: str, constrain: bool, temperature: float, seed: int
) -> ChatRequest:
    """The same points once more, each with what was wrong."""
    points = [c.point for c in complaints]
    lines = "\n".join(f"{n}. {point.shown}" for n, point in enumerate(points, 1))
    wrong = "\n".join(f"{n}. {c.raw}（{'；'.join(c.problems)}）" for n, c in enumerate(complaints, 1))
    values = {"heading": heading or "开头", "facts": lines, "wrong": wrong}
    return _request(prompt, values, points, constrain=constrain, temperature=temperature, seed=seed)


def answered(text: str, points: Sequence[Point]) -> dict[int, str]:
    """Raw lines of an answer by the number of the point; a line that cannot be placed is left out.

    Without numbers, lines count where there are as many as points.
    """
    found: dict[int, str] = {}
    plain: list[str] = []
    for line in visible(text).splitlines():
        if match := _NUMBERED.match(line):
            place = int(match["number"])
            if 1 <= place <= len(points):
                found.setdefault(points[place - 1].number, match["text"].strip())
        elif line.strip():
            plain.append(line.strip())
    if not found and len(plain) == len(points):
        return {point.number: line for point, line in zip(points, plain, strict=True)}
    return found


def visible(text: str) -> str:
    """`text` without what nobody sees and a terminal or a file may choke on: controls, marks of width and direction, halves of characters."""
    return _UNSEEN.sub("", text)


def _request(
    prompt: Prompt, values: Mapping[str, str], points: Sequence[Point], *, constrain: bool, temperature: float, seed: int
) -> ChatRequest:
    rules = [LineRule(_literals(point), point.most_chars) for point in points]
    return ChatRequest(
        tuple(Message(role, content) for role, content in prompt.fill(values)),
        max_tokens=int(sum(rule.max_chars + 4 for rule in rules) * _TOKENS_A_CHAR),
        temperature=temperature, seed=seed, grammar=line_grammar(rules) if constrain else "",
    )


def _literals(point: Point) -> tuple[str, ...]:
    """What may stand in the line though it is made of numerals or letters: its figures (or slots), names, fixed words."""
    shown = point.shown
    words = [*_QUOTED.findall(shown), *(m for m in _IDIOM.findall(shown) if len(m) > 1)]
    if point.slots:
        return (*point.slots, *(w for w in words if not any(mark in w for mark in point.slots)))
    found = scan(shown)
    return (*(f.surface for f in found.figures), *(n.surface for n in found.nonfigures), *words)


def _shown(facts: Sequence[Fact], figures: Figures, *, first: int) -> tuple[str, dict[str, str]]:
    """Facts as one line, and in hidden mode the slots in it, named from the `first`-th name on."""
    slots: dict[str, str] = {}
    lines = []
    for fact in facts:
        text = fact.text.rstrip("，,；;。 \n").replace("\n", "，")
        text = f"{fact.subject}：{text}" if fact.subject and fact.subject not in text else text
        lines.append(hidden(text, slots, first) if figures is Figures.HIDDEN else text)
    return "；".join(lines), slots


def hidden(text: str, slots: dict[str, str], first: int) -> str:
    """`text` with a slot for every figure; the unit stays, so that the model need not guess what is counted.

    Args:
        text: A fact's.
        slots: Taken slots, mark -> surface; the new ones are added.
        first: How many names are taken elsewhere.
    """
    pieces: list[str] = []
    place = 0
    for figure in scan(text).figures:
        unit = figure.quantity.unit.name if figure.quantity else ""
        surface = figure.surface
        # A sign of percent goes with its number: a model that writes the rest of the sentence leaves it out.
        apart = unit.isalpha() and surface.endswith(unit) and len(surface) > len(unit)
        cut = len(surface) - len(unit) if apart else len(surface)
        mark = f"{{{_name(first + len(slots))}}}"
        slots[mark] = surface[:cut]
        pieces += (text[place : figure.span.start], mark, surface[cut:])
        place = figure.span.end
    # Numbers that are no figures (document numbers, names, 翻番) are somebody's all the same: they never leave.
    rest = "".join((*pieces, text[place:]))
    for digits in sorted(set(_NUMERAL.findall(rest)), key=len, reverse=True):
        mark = f"{{{_name(first + len(slots))}}}"
        slots[mark] = digits
        rest = rest.replace(digits, mark)
    return rest


def unnumbered(text: str) -> str:
    """`text` without any number: what a person asks for, in hidden mode."""
    return _NUMERAL.sub(MASK, mask(text))


def _name(n: int) -> str:
    """a, b, … z, aa, ab, …: letters, because a small model takes digits for figures."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[n] if n < len(letters) else _name(n // len(letters) - 1) + letters[n % len(letters)]


def _pieces_of(lead: str) -> tuple[str, ...]:
    """Parts of a lead that a model likes to say again: the year, the unit."""
    return tuple(piece for piece in re.split("[，：]", lead) if len(piece) > 1)
