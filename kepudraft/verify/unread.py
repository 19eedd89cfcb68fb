"""Numbers of a text that state no figure: bare numbers, document numbers, names with digits, and fixed terms (三下乡).

They are not counted, but they can be wrong: 〔2025〕18号 for 〔2025〕8号, 四下乡 for 三下乡.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.figures.idioms import idioms
from kepudraft.figures.scan import Figure, Scan, Span
from kepudraft.verify.claims import Claims
from kepudraft.verify.lent import AND
from kepudraft.verify.report import Finding, Verdict

_FILE = Path(__file__).with_name("public.toml")
_MUST_BE_BORNE = ("bare-number", "document-number", "alphanumeric-name", "proper-name", "phone-number")
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NUMERAL = "[一二三四五六七八九十两双]"
_NUMERALS = f"{_NUMERAL}{{1,3}}"
_QUOTES = frozenset("“”\"「」『』‘’")


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A term whose numerals are part of its name.

    Attributes:
        text: The term.
        varies: Others of its kind are as good (十八大, 十九大): only the facts can tell which is meant.
        alone: With another numeral it can be nothing else, whatever stands around it.
    """

    text: str
    varies: bool
    alone: bool


def unread(
    text: str, folded: str, found: Scan, figures: Sequence[Figure], public: Sequence[Span], claims: Claims
) -> list[Finding]:
    """What is wrong with numbers that state no figure.

    Args:
        text: The text.
        folded: The same, folded.
        found: What `scan` found in it.
        figures: Its figures, those among them that a neighbour's unit makes one.
        public: Where public terms stand.
        claims: What the facts state.
    """
    return [*_bare_numbers(text, folded, found, figures, public, claims), *_changed_terms(text, folded, claims)]


def _bare_numbers(
    text: str, folded: str, found: Scan, figures: Sequence[Figure], public: Sequence[Span], claims: Claims
) -> Iterator[Finding]:
    """Digits that no figure holds must stand in a fact or in the unit's name as they are; a share without its sign is none."""
    read = [f.span for f in figures]
    read += [n.span for n in found.nonfigures if n.why not in _MUST_BE_BORNE]
    read += public
    read.sort()
    starts = {f.span.start for f in figures}
    read.append(Span(len(text) + 1, len(text) + 1))
    k = 0
    for match in _DIGITS.finditer(folded):
        start, end = match.span()
        while read[k].end <= start:
            k += 1
        if start >= read[k].start:
            continue
        # The 13 of 分别为13和6人 has the unit of the next.
        lent = folded[end : end + 1] in AND and end + 1 in starts
        if not _is_known(folded, start, end, claims.words if lent else claims.unshared):
            around = text[max(0, start - 4) : end + 1].strip()
            why = f"“{around}”里的数字没有单位或是编号，事实里没有同样的写法"
            yield Finding(Verdict.UNSUPPORTED, Span(start, end), text[start:end], "", "", why)


def _is_known(folded: str, start: int, end: int, known: Sequence[str]) -> bool:
    """True if a fact has the number so; the number of a document only where a fact has it as that."""
    behind = "号" if folded[end : end + 1] == "号" and folded[start - 1 : start] in ("〕", "]", "】", ")", "）", "第") else ""
    token = re.compile(rf"(?<![0-9.]){re.escape(folded[start:end])}(?![0-9]){behind}")
    return any(token.search(words) for words in known)


def _changed_terms(text: str, folded: str, claims: Claims) -> Iterator[Finding]:
    """四下乡: a fixed term with another numeral, which is neither a term itself nor what the facts say."""
    pattern, fixed = _fixed_terms()
    for match in pattern.finditer(folded):
        start, end = match.span()
        said = match.group()
        term = fixed[_skeleton(said)]
        if said == term.text or any(said in words for words in claims.words):
            continue
        others = [w for words in claims.words for w in pattern.findall(words) if _skeleton(w) == _skeleton(said)]
        if term.varies:
            if not others:
                continue
            right = others[0]
        else:
            quoted = folded[start - 1 : start] in _QUOTES
            if not (term.alone or quoted or others) or (idioms().at(folded + "\0", start, start + 1) and not term.alone):
                continue
            right = others[0] if others else term.text
        why = f"“{text[start:end]}”是固定用语，{'事实里' if others else '通行的说法'}是“{right}”"
        yield Finding(Verdict.UNSUPPORTED, Span(start, end), text[start:end], "", right, why)


def _skeleton(term: str) -> str:
    return re.sub(f"{_NUMERAL}+", "#", term)


@cache
def _fixed_terms() -> tuple[re.Pattern[str], dict[str, _Fixed]]:
    try:
        rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["fixed"]
        terms = [_Fixed(str(r["text"]), bool(r.get("varies", False)), bool(r.get("alone", False))) for r in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"固定用语表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error
    fixed = {_skeleton(t.text): t for t in reversed(terms)}
    # What stands before the first numeral is written once, so that a numeral of the text is not tried with every term.
    tails: dict[str, list[str]] = {}
    for shape in sorted(fixed, key=lambda s: -len(s)):
        before, _, behind = shape.partition("#")
        tails.setdefault(before, []).append(_NUMERALS.join(map(re.escape, behind.split("#"))))
    body = "|".join(f"{re.escape(before) or f'(?<!{_NUMERAL})'}{_NUMERALS}(?:{'|'.join(found)})" for before, found in tails.items())
    return re.compile(body), fixed
