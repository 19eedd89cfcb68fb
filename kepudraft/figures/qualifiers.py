"""The qualifier before a numeral: 近, 将近, 约, 超过了, 至少有, 不少于, 上百. 最近, 预约 and 线上 hold none."""

from __future__ import annotations

_LEADING = frozenset("百千万亿")

# The word just before a numeral, by its last character: (word, qualifier, characters that must not stand before it).
_PREFIXES: dict[str, tuple[tuple[str, str, str], ...]] = {}
for _word, _barred in (
    ("将近", ""), ("接近", ""), ("近", "最附靠邻临贴亲远就"), ("大约", ""), ("约", "预签节合条特公邀简契履违制相"),
    ("不超过", ""), ("超过", ""), ("超", "赶反"), ("突破", ""), ("破", "打突"), ("逾", ""), ("不少于", ""), ("不低于", ""),
    ("多于", ""), ("至少", ""), ("最少", ""), ("至多", ""), ("最多", ""), ("不到", ""), ("不足", ""),
):  # fmt: skip
    for _tail in ("", "了", "有"):
        _full = _word + _tail
        _PREFIXES[_full[-1]] = (*_PREFIXES.get(_full[-1], ()), (_full, _word, _barred))
for _char, _rules in list(_PREFIXES.items()):
    _PREFIXES[_char] = tuple(sorted(_rules, key=lambda rule: -len(rule[0])))

QUALIFYING = frozenset(_PREFIXES) | {"上"}
"""The last characters of all words that may qualify a number behind them."""


def prefix(text: str, place: int, numeral: str) -> tuple[int, str]:
    """The qualifier before a numeral, with the place where it begins: 近, 超过了, 至少有; ("", place) if none."""
    before = place - 1 if text[place - 1] != " " else place - 2
    last = text[before]
    if last == "上" and numeral[0] in _LEADING and text[before - 1] not in "线以网会身世史路晚早马之":
        return before, "上"
    for word, qualifier, barred in _PREFIXES.get(last, ()):
        start = before - len(word) + 1
        if numeral == "一" and word[0] == "最":
            continue  # 最多一天: the busiest day
        if start >= 0 and text.startswith(word, start) and (not barred or text[start - 1] not in barred):
            return start, qualifier
    return place, ""
