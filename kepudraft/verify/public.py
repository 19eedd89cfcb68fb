"""Public terms that hold figures of their own (public.toml), with the years in which they hold."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.figures.scan import Span

_FILE = Path(__file__).with_name("public.toml")
_DASHES = str.maketrans({"－": "—", "–": "—", "-": "—", "~": "—", "～": "—", "至": "—", "(": "（", ")": "）"})


@dataclass(frozen=True, slots=True)
class Term:
    """A public term and the years of report in which it may be used; None where it is open."""

    text: str
    since: int | None
    until: int | None


def public_spans(text: str, *, year: int) -> list[Span]:
    """Where public terms that hold in `year` stand in a text; brackets and dashes of either kind are equal."""
    pattern, terms = _table()
    found = []
    for match in pattern.finditer(text):
        term = terms[match.group().translate(_DASHES)]
        if (term.since is None or term.since <= year) and (term.until is None or year <= term.until):
            found.append(Span(*match.span()))
    return found


@cache
def _table() -> tuple[re.Pattern[str], dict[str, Term]]:
    try:
        rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["terms"]
        terms = [Term(r["text"].translate(_DASHES), r.get("since"), r.get("until")) for r in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RuleError(f"公共用语表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error
    # Grouped by the first character, so that a place in a text is held against few; within a group the longest first.
    ranked = sorted(terms, key=lambda t: (t.text[0], -len(t.text)))
    groups = (f"{_loose(first)}(?:{'|'.join(_loose(t.text[1:]) for t in found)})" for first, found in groupby(ranked, lambda t: t.text[0]))
    return re.compile("|".join(groups)), {t.text: t for t in terms}


def _loose(text: str) -> str:
    """A regular expression for a text with any dash and any bracket; translating the text judged would take longer."""
    return re.escape(text).replace("—", "[—－–~～至-]").replace("（", "[（(]").replace("）", "[）)]")
