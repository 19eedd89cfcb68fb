"""Errors in one figure: a digit, a scale, a unit, a hedge, a date, an ordinal, a rounding. Each function yields all it can make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from random import Random

from eval.planted_cases import SCALES, Bearing, Draft, Mark, Numeral, han_value, numerals_of
from eval.planted_edits import Edit, Mutant, instead, mutant, wording, written

_GRADES = {"特等奖": "一等奖", "一等奖": "二等奖", "二等奖": "一等奖", "三等奖": "二等奖"}
_HAN_DIGITS = "一二三四五六七八九"
_BOUNDS = ("不足", "不到")
_SMALL_LEAST = 10
_NOT_ROUND = 3
_TRIES = 12
_ROUGHLY = Decimal("0.02")


def digit(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """46场 -> 48场, 三百一十二人 -> 三百四十二人."""
    for mark in _stated(draft):
        if (new := other_digits(mark.numeral, draft, rng)) is not None:
            yield mutant("digit", draft, [instead(mark, written(mark.numeral, digits=new))])


def other_digits(n: Numeral, draft: Draft, rng: Random) -> str | None:
    """The figure's digits with one changed, no number of the facts; None if chance finds none."""
    places = [i for i, c in enumerate(n.digits) if (c.isdigit() and c.isascii()) or c in f"{_HAN_DIGITS}两"]
    for _ in range(_TRIES if places else 0):
        place = rng.choice(places)
        pool = "123456789" if n.is_arabic else _HAN_DIGITS
        if n.is_arabic and place and place < len(n.digits) - 1:
            pool = "0123456789"
        new = n.digits[:place] + rng.choice([c for c in pool if c != n.digits[place]]) + n.digits[place + 1:]
        number = Decimal(new.replace(",", "")) if n.is_arabic else Decimal(han_value(new))
        value = number * SCALES[n.scale]
        # A rough figure a hair away is no other figure: 6200余, 6201余.
        if number != 0 and is_free(value, draft) and not (n.hedged and _differ(value, n) < _ROUGHLY):
            return new
    return None


def _differ(value: Decimal, n: Numeral) -> Decimal:
    """How far the value is from the figure's, as a share of that."""
    return abs(value / n.value - 1) if n.value else Decimal(1)


def is_free(value: Decimal, draft: Draft) -> bool:
    """True if no fact, no value of last year, nothing computed and nothing in the draft has this value."""
    return value not in draft.values


def magnitude_lost(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """95万人次 -> 95人次."""
    for mark in _stated(draft):
        n = mark.numeral
        if n.scale and n.value is not None and is_free(n.value / SCALES[n.scale], draft):
            yield mutant("magnitude_lost", draft, [instead(mark, written(n, scale=""))])


def magnitude_added(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """218场次 -> 218万场次."""
    for mark in _stated(draft):
        n = mark.numeral
        if not n.scale and n.sort in ("count", "money") and n.is_arabic and n.value is not None and is_free(n.value * SCALES["万"], draft):
            yield mutant("magnitude_added", draft, [instead(mark, written(n, scale="万"))])


def unit_swap(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """9800人次 -> 9800人; the checker has to name the unit of the fact."""
    figures = {(n.value, n.unit) for f in draft.sheet.facts for t in (f.text, f.last) for n in numerals_of(t)}
    for mark in _stated(draft):
        n = mark.numeral
        for unit in wording()["units"].get(n.unit, ()):
            if (n.value, unit) not in figures:
                said = next(iter(_units_of(draft, mark)), n.unit)
                yield mutant("unit_swap", draft, [instead(mark, written(n, unit=unit), unit=said)])


def _units_of(draft: Draft, mark: Mark) -> list[str]:
    return [x.unit for i in mark.facts for x in numerals_of(draft.sheet.fact(i).text) if x.value == mark.numeral.value]


def hedge_dropped(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """约1.6万人次 -> 1.6万人次."""
    for mark in _stated(draft):
        n = mark.numeral
        if n.hedged and n.before not in _BOUNDS:
            yield mutant("hedge_dropped", draft, [instead(mark, written(n, before="", more="", late="", after=""))])


def hedge_strengthened(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """近1.5万 -> 超1.5万, 6200余 -> 突破6200, 120块左右 -> 120块以上."""
    for mark in _stated(draft):
        n = mark.numeral
        if n.before in ("近", "约"):
            new = written(n, before=rng.choice(("超", "突破")))
        elif n.more or n.late:
            new = written(n, before="突破", more="", late="")
        elif n.after == "左右":
            new = written(n, after="以上")
        else:
            continue
        yield mutant("hedge_strengthened", draft, [instead(mark, new)])


def hedge_added(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """218场次 -> 超218场次, 近218场次, 218余场次."""
    for mark in _stated(draft):
        n = mark.numeral
        if n.hedged or n.value is None or n.value < _SMALL_LEAST or not n.is_arabic:
            continue
        hedge = rng.choice(("超", "近", "突破", "余") if n.sort == "count" else ("超", "近"))
        if hedge == "余":
            yield mutant("hedge_added", draft, [instead(mark, written(n, more=hedge))])
        else:
            yield mutant("hedge_added", draft, [instead(mark, written(n, before=hedge))])


def year_shift(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """2025年 -> 2024年, 2026年."""
    for mark in draft.marks:
        if found := re.match(r"20\d\d", mark.numeral.surface):
            for step in (-1, 1):
                new = f"{int(found[0]) + step}{mark.numeral.surface[4:]}"
                if int(new[:4]) != draft.sheet.year and not any(new in f.text for f in draft.sheet.facts):
                    yield mutant("year_shift", draft, [instead(mark, new)])


def date_shift(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """5月 -> 6月, 3月18日 -> 3月19日, 7月15日至8月20日 -> 7月15日."""
    for mark in draft.marks:
        n = mark.numeral
        if n.sort != "date" or n.surface.startswith("20"):
            continue
        last = list(re.finditer(r"\d+", n.surface))[-1]
        most = 12 if n.surface.endswith("月") else 28
        number = int(last[0]) + 1 if int(last[0]) < most else int(last[0]) - 1
        shifted = f"{n.surface[:last.start()]}{number}{n.surface[last.end():]}"
        if not any(shifted in f.text for f in draft.sheet.facts):
            yield mutant("date_shift", draft, [instead(mark, shifted)])
        if "至" in n.surface:
            yield mutant("date_shift", draft, [instead(mark, n.surface.split("至")[0])])


def ordinal_shift(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """第33届 -> 第34届, 二等奖 -> 一等奖, 首届 -> 第二届."""
    for mark in draft.marks:
        n = mark.numeral
        if n.sort != "ordinal":
            continue
        if n.surface in _GRADES:
            new, after = _GRADES[n.surface], _count_behind(draft, n)
            told = [x.surface for x in numerals_of(draft.text[n.end:after])]
            # 一等奖2个、二等奖2个: the shifted grade would bear the right count again.
            if not any(new + count in draft.sheet.fact(i).text for i in mark.facts for count in told):
                yield mutant("ordinal_shift", draft, [instead(mark, new, reach=after - n.end)])
        else:
            yield mutant("ordinal_shift", draft, [instead(mark, _next_ordinal(n.surface))])


def _count_behind(draft: Draft, grade: Numeral) -> int:
    """The end of the count that stands with the grade: a checker may point at either."""
    behind = [m.numeral for m in draft.marks if 0 <= m.numeral.start - grade.end <= 3]
    return behind[0].end if behind else grade.end


def _next_ordinal(surface: str) -> str:
    if surface == "首届":
        return "第二届"
    if found := re.search(r"\d+", surface):
        return surface.replace(found[0], str(int(found[0]) + 1))
    last = re.findall(f"[{_HAN_DIGITS}]", surface)[-1]
    other = _HAN_DIGITS[(_HAN_DIGITS.index(last) + 1) % 9]
    place = surface.rindex(last)
    return surface[:place] + other + surface[place + 1:]


def points(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """提高2.5个百分点 -> 提高2.5%, 增长9.0% -> 增长9.0个百分点, 增长到9.0%."""
    for mark in draft.marks:
        n = mark.numeral
        if n.unit == "个百分点":
            yield mutant("points", draft, [instead(mark, written(n, unit="%"))])
        elif n.unit == "%":
            yield mutant("points", draft, [instead(mark, written(n, unit="个百分点"))])
            if draft.text[:n.start].endswith("增长"):
                edit = Edit(n.start, n.start, "到", mark.facts, n.sort, inner=(1, 1), reach=n.end - n.start)
                yield mutant("points", draft, [edit])


def bare_rounding(draft: Draft, rng: Random) -> Iterator[Mutant]:
    """1219 -> 1200 without a hedge."""
    for mark in _stated(draft):
        n = mark.numeral
        if n.hedged or n.sort == "percent":
            continue
        for mode in (ROUND_DOWN, ROUND_HALF_UP):
            if (new := rounded(n, 2, mode)) is not None and is_free(Decimal(new) * SCALES[n.scale], draft):
                yield mutant("bare_rounding", draft, [instead(mark, written(n, digits=new))])
                break


def rounded(n: Numeral, figures: int, mode: str) -> str | None:
    """The digits rounded to so many significant ones; None if they are no more than that already."""
    number = Decimal(n.digits.replace(",", "")) if n.is_arabic else Decimal(0)
    significant = number.normalize().as_tuple().digits
    if len(significant) < _NOT_ROUND or len(significant) <= figures:
        return None
    new = number.quantize(Decimal(1).scaleb(number.adjusted() - figures + 1), mode)
    return format(new, "f") if new == new.to_integral_value() or new.as_tuple().exponent else None


def _stated(draft: Draft) -> list[Mark]:
    """The figures that stand in the facts, this year's and last year's."""
    return [m for m in draft.marks if m.bearing in (Bearing.FACT, Bearing.LAST) and m.numeral.value is not None]
