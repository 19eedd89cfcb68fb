"""Rewritings that keep a draft faithful: whatever a checker flags in them is a false alarm. Each function gives one text or None."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from random import Random

from eval.planted_cases import SCALES, Bearing, Draft, Mark, Numeral
from eval.planted_edits import Edit, Mutant, body_lines, mutant, sentences, wording, written
from eval.planted_relations import lists_of, repeatable
from eval.planted_values import rounded

_HAN_DIGITS = "零一二三四五六七八九"
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_PAIR, _TEN, _HUNDRED, _THOUSAND = 2, 10, 100, 1000
_TOLERANCE = Decimal("0.02")
_HANGING = re.compile(r"[“（]?(?:其中|其余|比|较|分别|另|两|合计|共|也|同时|此外|占|增长|\d+\. |[一二三四]是)")
_TWINS = {"人": "名", "名": "人", "场次": "场", "场": "场次"}


def chinese_numerals(draft: Draft, rng: Random) -> Mutant | None:
    """12期 -> 十二期, 2个 -> 两个."""
    edits = [
        _instead(n, written(n, digits=_in_chinese(int(n.digits))))
        for n in _plain_counts(draft) if n.digits.isdigit() and 1 < int(n.digits) < _HUNDRED
    ]
    return _made("chinese_numerals", draft, edits)


def full_width(draft: Draft, rng: Random) -> Mutant | None:
    """1.2万 -> １．２万, years too."""
    edits = [Edit(m.start(), m.end(), m[0].translate(_FULL_WIDTH)) for m in re.finditer(r"\d+(?:\.\d+)?", draft.text)]
    return _made("full_width", draft, edits)


def separators(draft: Draft, rng: Random) -> Mutant | None:
    """1120场 -> 1,120场, 9,800小时 -> 9800小时."""
    edits = []
    for mark in draft.marks:
        n = mark.numeral
        if "," in n.digits:
            edits.append(_instead(n, written(n, digits=n.digits.replace(",", ""))))
        elif n.digits.isdigit() and n.is_arabic and int(n.digits) >= _THOUSAND:
            edits.append(_instead(n, written(n, digits=f"{int(n.digits):,}")))
    return _made("separators", draft, edits)


def scale_off(draft: Draft, rng: Random) -> Mutant | None:
    """38.6万人次 -> 386000人次, 860万元 -> 8600000元, 4.12亿元 -> 41200万元."""
    edits = []
    for mark in draft.marks:
        n = mark.numeral
        if n.scale and n.value is not None:
            smaller = "万" if n.scale == "亿" else ""
            edits.append(_instead(n, written(n, digits=f"{(n.value / SCALES[smaller]).normalize():f}", scale=smaller)))
    return _made("scale_off", draft, edits)


def scale_on(draft: Draft, rng: Random) -> Mutant | None:
    """26500人 -> 2.65万人."""
    edits = []
    for mark in draft.marks:
        n = mark.numeral
        if not n.scale and n.is_arabic and n.value is not None and n.value >= SCALES["万"] / 2:
            edits.append(_instead(n, written(n, digits=f"{(n.value / SCALES['万']).normalize():f}", scale="万")))
    return _made("scale_on", draft, edits)


def unit_twins(draft: Draft, rng: Random) -> Mutant | None:
    """26人 -> 26名, 218场次 -> 218场."""
    edits = [_instead(n, written(n, unit=_TWINS[n.unit])) for n in _plain_counts(draft) if n.unit in _TWINS]
    return _made("unit_twins", draft, edits)


def hedge_words(draft: Draft, rng: Random) -> Mutant | None:
    """2.6万余 -> 2.6万多, 约1.6万 -> 大约1.6万."""
    table = wording()["hedges"]
    edits = []
    for mark in draft.marks:
        n = mark.numeral
        if n.value is None:
            continue  # a date or an ordinal: nothing of it could be written anew
        new = written(n, before=table.get(n.before, n.before), more=table.get(n.more, n.more), late=table.get(n.late, n.late))
        if new != n.surface:
            edits.append(_instead(n, new))
    return _made("hedge_words", draft, edits)


def order(draft: Draft, rng: Random) -> Mutant | None:
    """The sentences of a paragraph in another order, where none leans on the one before."""
    edits = []
    for line in body_lines(draft.text):
        found = list(sentences(draft.text, line, "。"))
        parts = [draft.text[a:b] for a, b in found]
        if len(parts) > 1 and found[-1][1] == line.end and not any(map(_HANGING.match, parts)):
            turned = [*parts[1:], parts[0]] if rng.random() < 1 / 2 else parts[::-1]
            edits.append(Edit(line.start, line.end, "".join(turned)))
    return _made("order", draft, edits)


def synonyms(draft: Draft, rng: Random) -> Mutant | None:
    """观众 -> 参观者, 举办 -> 组织: by the table."""
    rules = {r["from"]: r for r in wording()["synonyms"]}
    words = re.compile("|".join(sorted(map(re.escape, rules), key=len, reverse=True)))
    edits = []
    for found in words.finditer(draft.text):
        start = max(draft.text.rfind(c, 0, found.start()) for c in "。\n") + 1
        stops = [p for c in "。\n" if (p := draft.text.find(c, found.end())) >= 0]
        sentence = draft.text[start:min(stops, default=len(draft.text))]
        if not any(word in sentence for word in rules[found[0]].get("unless", ())):
            edits.append(Edit(found.start(), found.end(), rules[found[0]]["to"]))
    return _made("synonyms", draft, edits)


def merged(draft: Draft, rng: Random) -> Mutant | None:
    """Sentences of a paragraph joined by semicolons."""
    return _made("merged", draft, [
        Edit(m.start(), m.end(), "；") for line in body_lines(draft.text)
        for m in re.compile("。(?=[^”」』])").finditer(draft.text, line.start, line.end - 1)
    ])


def split(draft: Draft, rng: Random) -> Mutant | None:
    """Semicolons become full stops."""
    return _made("split", draft, [
        Edit(m.start(), m.end(), "。") for line in body_lines(draft.text)
        for m in re.compile("；").finditer(draft.text, line.start, line.end)
    ])


def hedged_rounding(draft: Draft, rng: Random) -> Mutant | None:
    """1120场 -> 约1100场, 1306场 -> 1300余场: exact values only, off by two in the hundred at most."""
    edits = []
    for mark in draft.marks:
        n = mark.numeral
        if mark.bearing is not Bearing.FACT or n.hedged or n.sort not in ("count", "money") or draft.is_planned(mark):
            continue
        mode, pieces = rng.choice([(ROUND_HALF_UP, {"before": "约"}), (ROUND_DOWN, {"more": "余"})])
        if n.scale and "more" in pieces:
            pieces = {"late": "余"}
        new = rounded(n, 2, mode)
        if new is not None and 0 < abs(1 - Decimal(new) / Decimal(n.digits.replace(",", ""))) <= _TOLERANCE and (
            "before" in pieces or "." not in new
        ):
            edits.append(_instead(n, written(n, digits=new, **pieces)))
    return _made("hedged_rounding", draft, edits)


def right_sums(draft: Draft, rng: Random) -> Mutant | None:
    """A right total behind a list of parts."""
    edits = [
        Edit(place, place, f"，合计{total}{parts[-1].numeral.scale}{parts[-1].numeral.unit}")
        for place, total, parts in lists_of(draft)
    ]
    return _made("right_sums", draft, edits)


def non_figures(draft: Draft, rng: Random) -> Mutant | None:
    """一是…二是…, 三会一课, （一）."""
    table = wording()["non_figures"]
    edits = []
    lines = [line for line in body_lines(draft.text) if draft.text[line.end - 1] == "。"]
    for n, line in enumerate(lines[:len(table["markers"])]):
        if draft.text[line.start] not in "（0123456789":
            edits.append(Edit(line.start, line.start, table["markers"][n]))
        edits.append(Edit(line.end, line.end, rng.choice(table["sentences"])))
    return _made("non_figures", draft, edits)


def duplicate_agreeing(draft: Draft, rng: Random) -> Mutant | None:
    """Sentences said again in another section with the same values."""
    found = list(repeatable(draft, rng))
    chosen = rng.sample(found, min(3, len(found)))
    return _made("duplicate_agreeing", draft, [Edit(place, place, draft.text[a:b]) for a, b, place in chosen])


def traditional(draft: Draft, rng: Random) -> Mutant | None:
    """The draft in Traditional script, the facts as they are."""
    from opencc import OpenCC

    return _made("traditional", draft, [Edit(0, len(draft.text), OpenCC("s2t").convert(draft.text))])


REWRITES = (
    chinese_numerals, full_width, separators, scale_off, scale_on, unit_twins, hedge_words, order, synonyms, merged, split,
    hedged_rounding, right_sums, non_figures, duplicate_agreeing, traditional,
)
"""Every way, in the order of the report."""


def _made(name: str, draft: Draft, edits: list[Edit]) -> Mutant | None:
    return mutant(name, draft, edits) if edits else None


def _instead(n: Numeral, new: str) -> Edit:
    return Edit(n.start, n.end, new)


def _plain_counts(draft: Draft) -> Iterator[Numeral]:
    for mark in draft.marks:
        n = mark.numeral
        if n.sort == "count" and n.is_arabic and not n.scale and not n.hedged and n.unit and not _is_derived(mark):
            yield n


def _is_derived(mark: Mark) -> bool:
    return mark.bearing is Bearing.DERIVED


def _in_chinese(number: int) -> str:
    if number == _PAIR:  # 两, the one digit that changes before a measure word
        return "两"
    tens, ones = divmod(number, _TEN)
    return ("" if not tens else "十" if tens == 1 else f"{_HAN_DIGITS[tens]}十") + (_HAN_DIGITS[ones] if ones else "")
