"""Which year a text tells of: what its headline says, what its body says, and whether they agree.

A page is given a new headline every year while its body stays: so the body decides, and a difference is a defect.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from kepudraft.ingest.label import Label
from kepudraft.ingest.rules import load_rules

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?=年)")
_TITLE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_NOW = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*年(?:度|以来|，|,|我|全|的?(?:主要)?工作总结|工作)"
    r"|现将\s*((?:19|20)\d\d)|((?:19|20)\d\d)年[^。]{0,12}(?:总结|汇报)如下"
)
_NEXT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*年(?:度)?(?:的)?(?:工作(?:计划|打算|思路|要点|安排|重点)|(?:计划|打算|安排|要点)(?=[。：:\n]|$)|，(?:我们)?[将要])"
)
_SIGNED = re.compile(r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月")
_PAST = re.compile(r"((?:19|20)\d\d)年(?:第|版|修订|颁布|印发|《)|《[^》]*?((?:19|20)\d\d)[^》]*》|〔((?:19|20)\d\d)〕|\[((?:19|20)\d\d)\]")
_FIRST, _LAST = 1990, 2099
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class YearFound:
    """The year a text tells of.

    Attributes:
        label: The year; None where nothing tells.
        headline: The year that the headline names; None if none.
        conflict: What to say where headline and body disagree; "" if they agree.
    """

    label: Label[int | None]
    headline: int | None
    conflict: str = ""


def find_year(title: str, text: str, signed: str = "") -> YearFound:
    """Return the year of a text from its title, its body and the date at its end."""
    titled = _title_year(title)
    weights = _body_weights(text, signed)
    best = max(weights, key=lambda year: (weights[year], year)) if weights else None
    if best is not None and titled is not None and best != titled and _contradicts(text, weights, titled, best):
        conflict = f"标题写{titled}年，正文说的是{best}年"
        return YearFound(Label(best, 0.8), titled, conflict)
    if titled is not None:
        era = _era_conflict(text, titled)
        share = weights[titled] / (sum(weights.values()) or 1)
        return YearFound(Label(titled, 0.95 if share > 0.5 else 0.45 if not weights or era else 0.7), titled, era)
    if best is None:
        return YearFound(Label(None, 0.0), None)
    share = weights[best] / sum(weights.values())
    if weights[best] < 3 and _era_conflict(text, best, few=1):
        # One year named in passing, in a text that speaks of another time.
        return YearFound(Label(None, 0.0), None)
    return YearFound(Label(best, round(0.9 * share if weights[best] >= 3 else 0.5 * share, 3)), None)


def _title_year(title: str) -> int | None:
    years = [int(y) for y in _TITLE_YEAR.findall(title)]
    # 2024年工作总结和2025年工作计划: the summary is of the first.
    return years[0] if years and _FIRST <= years[0] <= _LAST else None


def _body_weights(text: str, signed: str) -> Counter[int]:
    weights: Counter[int] = Counter()
    past = {match.span() for match in _PAST.finditer(text)}
    for match in _YEAR.finditer(text):
        if not any(start <= match.start() < end for start, end in past):
            weights[int(match[1])] += 1
    for match in _NOW.finditer(text):
        weights[int(next(group for group in match.groups() if group))] += 2 if match.start() > 400 else 4
    for match in _NEXT.finditer(text):
        weights[int(match[1])] -= 3
        weights[int(match[1]) - 1] += 3
    if match_signed := _SIGNED.search(_arabic(signed)):
        year, month = int(match_signed[1]), int(match_signed[2])
        weights[year if month > 6 else year - 1] += 3
    return Counter({year: weight for year, weight in weights.items() if weight > 0 and _FIRST <= year <= _LAST})


def _arabic(date: str) -> str:
    """二〇二三年一月六日 with the digits of year and month in Arabic; 十一月 counts as late in the year too."""
    return re.sub("十[一二]?(?=月)", "12", date).translate(_DIGITS)


def _contradicts(text: str, weights: Counter[int], titled: int, best: int) -> bool:
    told = {int(year) for match in _NOW.finditer(text) for year in match.groups() if year}
    if best not in told or text.count(f"{best}年") < 2 or weights[best] < 4 or weights[best] <= 2 * weights[titled]:
        return False
    # A report on last year may be headed by the year in which it is given.
    return not (best == titled - 1 and weights[titled] > 0)


def _era_conflict(text: str, titled: int, *, few: int = 2) -> str:
    """Terms that nobody used in the headline's year; "" if there are none or only one of several."""
    late = [(match[0], last) for term, _, last in load_rules().year_terms if (match := term.search(text)) and titled > last + 1]
    early = [(match[0], first) for term, first, _ in load_rules().year_terms if (match := term.search(text)) and titled < first - 1]
    if early:
        return f"标题写{titled}年，正文却有{early[0][1]}年才有的“{early[0][0]}”"
    if len(late) >= few:
        return f"标题写{titled}年，正文用的是{late[0][1]}年以前的说法（{'、'.join(f'“{word}”' for word, _ in late)}）"
    return ""
