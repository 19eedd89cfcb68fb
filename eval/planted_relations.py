"""Errors between figures, clauses and facts: swapped, copied, summed wrongly, repeated otherwise, leaked, filled in, told too early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from eval.planted_cases import SCALES, Bearing, Draft, Mark, Numeral, numerals_of
from eval.planted_edits import Edit, Line, Mutant, body_lines, instead, marks_in, mutant, sentences, wording, written
from eval.planted_values import is_free, other_digits

EXEMPLARS = Path(__file__).parent.parent / "corpus" / "exemplars"
_HANGING = re.compile(r"[“（]?(?:其中|其余|比|较|分别|另|两|合计|共|也|同时|此外|占|增长)")
_LONG = 70
_LEAST_LEAKED = 10
_NEAR = Decimal("0.1")


def swap(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Exchange the numerals of two figures with one unit, so that both values still occur."""
    totals = {(a.numeral.start, b.numeral.start) for a, b in _totals(draft)}
    stated = _own(draft)
    for i, a in enumerate(stated):
        for b in stated[i + 1:]:
            if _can_change_places(draft, a, b) and (a.numeral.start, b.numeral.start) not in totals:
                yield mutant("swap", draft, _exchange(a, b))


def copy(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Write one figure's numeral over another's with the same unit."""
    stated = _own(draft)
    for a in stated:
        for b in stated:
            if _can_change_places(draft, a, b):
                yield mutant("copy", draft, [instead(a, _with_amount(a, b), _facts(a, b))])


def foreign_numeral(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Write the numeral of a thing counted in another unit over a figure: 218场次, 186人 -> 186场次."""
    figures = {(n.value, n.unit) for f in draft.sheet.facts for t in (f.text, f.last) for n in numerals_of(t)}
    stated = [m for m in _own(draft) if m.numeral.sort == "count" and m.numeral.is_arabic and m.numeral.unit]
    for a in stated:
        for b in stated:
            alike = {v for v, unit in figures if unit == a.numeral.unit or "个" in (unit, a.numeral.unit)}
            if a.numeral.unit != b.numeral.unit and b.numeral.value not in alike and not (_of_one_class(a, b) or _is_near(a, b)):
                yield mutant("foreign_numeral", draft, [instead(a, _with_amount(a, b), _facts(a, b))])


def total_part(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """共24人，其中专职15人 -> 共15人，其中专职24人."""
    for total, part in _totals(draft):
        yield mutant("total_part", draft, _exchange(total, part))


def _own(draft: Draft) -> list[Mark]:
    return [m for m in draft.marks if m.bearing is Bearing.FACT and m.numeral.value is not None]


def _can_change_places(draft: Draft, a: Mark, b: Mark) -> bool:
    x, y = a.numeral, b.numeral
    others = {n.value for i in a.facts for n in numerals_of(draft.sheet.fact(i).text) if n.unit == x.unit}
    if a.facts == b.facts:
        others = {x.value}
    alike = x.unit == y.unit and x.sort == y.sort and draft.is_planned(a) == draft.is_planned(b)
    return alike and y.value not in others and not _is_near(a, b)


def _is_near(a: Mark, b: Mark) -> bool:
    """True if one is a rough figure that the other may be told as: 4272人, 约4200人次."""
    x, y = a.numeral, b.numeral
    if x.value is None or y.value is None or not (x.hedged or y.hedged):
        return False
    return abs(x.value - y.value) <= _NEAR * max(x.value, y.value)


def _of_one_class(a: Mark, b: Mark) -> bool:
    units = {a.numeral.unit, b.numeral.unit}
    return any(units <= c for c in ({"人", "名", "位"}, {"场", "场次", "次", "期"}, {"份", "册", "本"}))


def _facts(a: Mark, b: Mark) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*a.facts, *b.facts)))


def _with_amount(a: Mark, b: Mark) -> str:
    """The numeral of b, with its hedge, and the unit of a."""
    return f"{b.numeral.amount}{a.numeral.unit}{b.numeral.after}"


def _exchange(a: Mark, b: Mark) -> list[Edit]:
    return [instead(a, _with_amount(a, b), _facts(a, b)), instead(b, _with_amount(b, a), _facts(b, a))]


def _totals(draft: Draft) -> Iterator[tuple[Mark, Mark]]:
    """Totals with each part that 其中 introduces in the same sentence."""
    for line in body_lines(draft.text):
        for start, end in sentences(draft.text, line):
            place = draft.text.find("其中", start, end)
            if place < 0:
                continue
            before = [m for m in marks_in(draft, start, place) if m.bearing is Bearing.FACT]
            for part in marks_in(draft, place, end):
                if part.bearing is not Bearing.FACT or re.search("[，；]", draft.text[place:part.numeral.start]):
                    continue
                same = [m for m in before if m.numeral.unit == part.numeral.unit and m.numeral.value is not None]
                if same and _can_change_places(draft, same[-1], part):
                    yield same[-1], part


def wrong_sum(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """A computed figure that is a little off, and wrong totals behind lists."""
    for mark in draft.marks:
        if mark.bearing is Bearing.DERIVED and (new := _near(mark.numeral, draft)) is not None:
            yield mutant("wrong_sum", draft, [instead(mark, written(mark.numeral, digits=new))])
    for place, total, marks in lists_of(draft):
        for step in (1, -1):
            wrong = total + step * _step(marks[-1].numeral)
            if is_free(wrong * SCALES[marks[-1].numeral.scale], draft):
                facts = tuple(dict.fromkeys(i for m in marks for i in m.facts))
                new = f"，合计{wrong}{marks[-1].numeral.scale}{marks[-1].numeral.unit}"
                yield mutant("wrong_sum", draft, [Edit(place, place, new, facts, "count", inner=(3, len(new)))])


def lists_of(draft: Draft) -> Iterator[tuple[int, Decimal, list[Mark]]]:
    """Where a total may stand: behind A 5项、B 9项、C 16项, all of one fact and unit. (place, Σ in their scale, parts)."""
    run: list[Mark] = []
    counts = [m for m in _own(draft) if m.numeral.sort == "count"]
    for mark, behind in zip(counts, [*counts[1:], None], strict=True):
        run.append(mark)
        if behind is not None and _continues(draft, mark, behind):
            continue
        n = mark.numeral
        if len(run) > 1 and draft.text[n.end:n.end + 1] in ("。", "；") and not any(m.numeral.hedged for m in run):
            yield n.end, sum((Decimal(m.numeral.digits.replace(",", "")) for m in run), Decimal(0)), run
        run = []


def _continues(draft: Draft, a: Mark, b: Mark) -> bool:
    between = draft.text[a.numeral.end:b.numeral.start]
    one_kind = a.facts == b.facts and (a.numeral.unit, a.numeral.scale) == (b.numeral.unit, b.numeral.scale)
    return one_kind and between.startswith("、") and not re.search("[，。；：]|其中", between)


def _near(n: Numeral, draft: Draft) -> str | None:
    number = Decimal(n.digits.replace(",", ""))
    for times in (1, -1, 2, -2, 3, 4, 5):
        new = number + times * _step(n)
        if new > 0 and is_free(new * SCALES[n.scale], draft):
            return str(new)
    return None


def _step(n: Numeral) -> Decimal:
    return Decimal(1).scaleb(int(Decimal(n.digits.replace(",", "")).as_tuple().exponent))


def omitted(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Take a sentence away whose facts are told nowhere else."""
    for line in body_lines(draft.text):
        found = list(sentences(draft.text, line, "。；"))
        for (start, end), behind in zip(found, [*found[1:], None], strict=True):
            marks = marks_in(draft, start, end)
            outside = {i for m in draft.marks if m not in marks for i in m.facts}
            # The year in the title of a document is no fact that one could miss.
            is_told_here = all(m.bearing is Bearing.FACT and not set(m.facts) & outside for m in marks)
            if len(found) < 2 or not marks or not is_told_here or any(m.numeral.surface.startswith("20") for m in marks):
                continue
            if draft.text[end - 1] == "；" and re.search(r"^\d\. |[：]", draft.text[line.start:end]):
                continue
            if behind is None or not _HANGING.match(draft.text[behind[0]:]):
                yield mutant("omitted", draft, [Edit(start, end, "", (), "", removed=tuple(marks))])


def duplicate_conflict(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Say a sentence again in another section with another value."""
    for start, end, place in repeatable(draft, rng):
        marks = [m for m in marks_in(draft, start, end) if m.numeral.value is not None]
        mark = rng.choice(marks)
        if (digits := other_digits(mark.numeral, draft, rng)) is None:
            continue
        new = written(mark.numeral, digits=digits)
        low = mark.numeral.start - start
        text = draft.text[start:mark.numeral.start] + new + draft.text[mark.numeral.end:end]
        yield mutant("duplicate_conflict", draft, [
            Edit(place, place, text, mark.facts, mark.numeral.sort, inner=(low, low + len(new)))
        ])


def repeatable(draft: Draft, rng: Random) -> Iterator[tuple[int, int, int]]:
    """(start, end) of sentences that can be said again, and the end of a line in another section."""
    lines = [line for line in body_lines(draft.text) if not line.is_later and draft.text[line.end - 1] == "。"]
    for line in lines:
        for start, end in sentences(draft.text, line):
            marks = marks_in(draft, start, end)
            others = [other for other in lines if other.section != line.section]
            plain = all(m.bearing is Bearing.FACT and not draft.is_planned(m) for m in marks)
            if others and end - start <= _LONG and plain and any(m.numeral.value is not None for m in marks) and not (
                _HANGING.match(draft.text[start:])
            ):
                yield start, end, rng.choice(others).end


def leak(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Append a clause with the figure of an exemplar."""
    for line in body_lines(draft.text):
        if line.is_later or draft.text[line.end - 1] != "。":
            continue
        for sentence in rng.sample(leakable(), 4):
            n = next(numerals_of(sentence))
            if n.value is not None and is_free(n.value, draft):
                edit = Edit(line.end, line.end, sentence + "。", (), n.sort, inner=(n.start, n.end))
                yield mutant("leak", draft, [edit])


@cache
def leakable(folder: Path = EXEMPLARS) -> list[str]:
    """Sentences of the exemplars with one figure of ten or more, and no other numeral."""
    found = []
    for path in sorted(folder.glob("*.md")):
        body = path.read_text(encoding="utf-8").split("---\n", 2)[-1]
        for line in body.splitlines():
            parts = [] if line.startswith("#") else re.split("[。；]", line)
            found += [p for p in parts if 10 <= len(p) <= 50 and _has_one_figure(p)]
    return found


def _has_one_figure(sentence: str) -> bool:
    figures = list(numerals_of(sentence))
    if len(figures) != 1 or figures[0].value is None or figures[0].value < _LEAST_LEAKED or not figures[0].is_arabic:
        return False
    return not re.search(r"[一二三四五六七八九十百千\d第首“”]", sentence[:figures[0].start] + sentence[figures[0].end:])


def mask_filled(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """The facts say xx多人, the draft gives a number."""
    for line in _tellable(draft):
        for sentence in draft.masks:
            number = rng.choice([n for n in range(20, 900, 10) if is_free(Decimal(n), draft)])
            text = sentence.replace("{n}", str(number))
            n = next(numerals_of(text))
            yield mutant("mask_filled", draft, [Edit(line.end, line.end, text, (), n.sort, inner=(n.start, n.end))])


def planned_as_done(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """Move a plan into a sentence of the past: out of its clause, if that holds nothing else."""
    for line in _tellable(draft):
        for sentence, mark in draft.done:
            n = mark.numeral
            edits = [Edit(line.end, line.end, sentence, mark.facts, n.sort, inner=(n.start, n.end))]
            yield mutant("planned_as_done", draft, edits + _without_plan(draft, mark))


def _tellable(draft: Draft) -> list[Line]:
    return [line for line in body_lines(draft.text) if not line.is_later and line.section and draft.text[line.end - 1] == "。"]


def _without_plan(draft: Draft, told: Mark) -> list[Edit]:
    for mark in draft.marks:
        if mark.facts == told.facts and mark.numeral.value == told.numeral.value:
            start = max(draft.text.rfind(c, 0, mark.numeral.start) for c in "，。；：\n")
            end = min(p for c in "，。；\n" if (p := draft.text.find(c, mark.numeral.end)) >= 0)
            # Only a clause between commas can go without hurting the sentence.
            if draft.text[start] == "，" and marks_in(draft, start, end) == [mark]:
                return [Edit(start, end, "")]
    return []


def scope(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """省级4个 -> 市级4个, 线上 -> 线下, 上年 -> 今年 beside an unchanged figure; only where the facts have the scope."""
    for mark in draft.marks:
        n = mark.numeral
        start = max(draft.text.rfind(c, 0, n.start) for c in "，。；：、\n") + 1
        for word, other in wording()["scopes"].items():
            place = draft.text.rfind(word, start, n.start)
            if place < 0 or n.sort in ("date", "ordinal") or not _has_scope(draft, mark, word):
                continue
            new = other + draft.text[place + len(word):n.end]
            edit = Edit(place, n.end, new, mark.facts, n.sort, inner=(len(other), len(new)))
            yield mutant("scope", draft, [edit])


def _has_scope(draft: Draft, mark: Mark, word: str) -> bool:
    if word in ("上年", "去年"):
        return mark.bearing is Bearing.LAST
    return mark.bearing is Bearing.FACT and any(word in draft.sheet.fact(i).text for i in mark.facts)


def term(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """三下乡 -> 四下乡, 17号 -> 71号."""
    for word, other in wording()["terms"].items():
        for found in re.finditer(re.escape(word), draft.text):
            yield mutant("term", draft, [Edit(found.start(), found.end(), other, (), "term")])
