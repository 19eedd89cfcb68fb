"""What a sentence claims that its facts do not hold: an effect, an award, a meeting, a document, a person, a name, a cause.

Figures are judged elsewhere. Here a clause counts as grounded if its words are the facts' own or claim nothing (grounding.toml). It is a
test of words, not of meaning: what it lets through is worded like the facts, what it stops may be true and is not known to be.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from kepudraft.errors import RuleError
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import scan
from kepudraft.verify.context import wording

_FILE = Path(__file__).with_name("grounding.toml")
_CLAUSE = re.compile("[^，,；;：:。！？!?、（）()\n]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_QUOTED = re.compile("《[^》]{1,60}》|“[^”]{1,40}”")
_BRACKETED = re.compile("（[^（）]{1,40}）")
_LATIN = re.compile(r"[A-Za-z]{2,}")
# A clause of neutral words alone may be so long: 目前, 活动期间. A longer one says something, and no fact says it.
_LINKING = 4
_DENIAL = "否定"


@dataclass(frozen=True, slots=True)
class Ungrounded:
    """Words of a text that no fact bears.

    Attributes:
        start: Where the clause that holds them begins.
        end: Where it ends.
        words: The words themselves.
        kind: 成效, 荣誉, 会议, 文件, 人物, 原因, 名称 or 说法.
        has_figure: True if a figure stands in the clause, so that it cannot simply be struck out.
    """

    start: int
    end: int
    words: str
    kind: str
    has_figure: bool


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """A row of grounding.toml.

    Attributes:
        kind: As which it is told.
        words: What a sentence may say only if the facts say it, and longer words of other meaning.
        given: What in the facts allows any of the words; None where only the word itself does.
        but: The longer words of other meaning.
        about: What a clause must hold for the row to be about it; None for nothing.
        where: What the facts must hold for that; None for nothing.
        kept: True if a fact that says one of the words must be told with one.
    """

    kind: str
    words: re.Pattern[str]
    given: re.Pattern[str] | None
    but: frozenset[str]
    about: re.Pattern[str] | None
    where: re.Pattern[str] | None
    kept: bool

    def said(self, text: str) -> list[str]:
        """The words of the row in `text`, in order."""
        if self.about is not None and not self.about.search(text):
            return []
        return [word for word in self.words.findall(text) if word not in self.but]

    def allowed(self, known: str) -> bool:
        """True if what is known allows any of the words."""
        if self.where is not None and not self.where.search(known):
            return True
        return self.given is not None and any(m.group() not in self.but for m in self.given.finditer(known))


@dataclass(frozen=True, slots=True)
class GroundingRules:
    """grounding.toml, checked and compiled; `any_claim` finds a word of any of the claims, most clauses have none; `level` one at the beginning
    of what a fact says; `institution` the end of a place's name with what is there, which is `called` one of several names.
    """

    neutral: re.Pattern[str]
    claims: tuple[ClaimRule, ...]
    any_claim: re.Pattern[str]
    praise: re.Pattern[str]
    level: re.Pattern[str]
    institution: re.Pattern[str]
    called: Mapping[str, tuple[str, ...]]


@cache
def grounding_rules(path: Path = _FILE) -> GroundingRules:
    """The rules of a file.

    Raises:
        RuleError: The file is missing or breaks its form.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        claims = tuple(map(_claim_rule, data["claims"]))
        words = [word for row in data["claims"] for word in row["words"]]
        praise = re.compile(f"({_any(data['praise']).pattern})[的地]?")
        level = re.compile(f"(?:^|[，；：、获])({_any(data['levels']).pattern})(?![级内外])")
        called = {name: tuple(row) for row in data["institutions"] for name in row}
        institution = re.compile(f"(?<=[\u4e00-\u9fff])([省市区县州镇乡村])({_any(list(called)).pattern})")
        return GroundingRules(_any(data["neutral"]), claims, _any(words), praise, level, institution, called)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise RuleError(f"说法表格式不对（{error}）", place=str(path), remedy="请改正") from error


@lru_cache(maxsize=512)
def ungrounded(text: str, known: str) -> tuple[Ungrounded, ...]:
    """The clauses of `text` that say more than `known`, in order.

    Args:
        text: A sentence.
        known: The facts that it tells, its heading, the unit's name, and the offline wording of the same facts.
    """
    rules = grounding_rules()
    body, given = fold(text), _given(known)
    figures = [(f.span.start, f.span.end) for f in scan(text).figures]
    found = []
    for clause in _CLAUSE.finditer(body):
        start, end = clause.span()
        within = [(s, e) for s, e in figures if start <= s < end]
        kind, words = _claimed(clause.group(), given, rules) or _strange(body, start, end, within, given, rules) or ("", "")
        if kind:
            found.append(Ungrounded(start, end, words, kind, bool(within)))
    for match in (*_QUOTED.finditer(body), *_LATIN.finditer(body), *_BRACKETED.finditer(body)):
        if match.group().strip("“”《》（）") not in given.text:
            found.append(Ungrounded(*match.span(), match.group(), "名称", True))
    for match in rules.institution.finditer(body):
        # 澜川市科技馆 is none of the facts', though 澜川市 and 青少年科技馆 are.
        if not any(match[1] + name in given.text for name in rules.called[match[2]]):
            start = max(0, match.start() - 2)
            found.append(Ungrounded(start, match.end(), body[start : match.end()], "名称", True))
    return tuple(sorted(found, key=lambda u: u.start))


def without_praise(text: str, known: str) -> str:
    """`text` without words of praise that the facts do not hold («有效开展» -> «开展», «精彩的讲座» -> «讲座»)."""
    given = fold(known)
    return grounding_rules().praise.sub(lambda m: m.group() if m[1] in given else "", text)


@dataclass(frozen=True, slots=True)
class _Given:
    """What may be said: the words, their pairs of characters, and the things they name, whatever they are called."""

    text: str
    pairs: frozenset[str]
    names: frozenset[str]


@lru_cache(maxsize=256)
def _given(known: str) -> _Given:
    text = fold(known)
    pairs = frozenset(text[i : i + 2] for i in range(len(text) - 1))
    return _Given(text, pairs, frozenset(wording().names[m.group()] for m in wording().known.finditer(text)))


def unkept(text: str, fact: str) -> str:
    """The first word of `fact` that turns its meaning (没有, 增加) and for which `text` has none of that kind; else ""."""
    body = fold(text)
    for rule, word in _turning(fact):
        if not rule.said(body) and not rule.allowed(body):
            return word
    return ""


@lru_cache(maxsize=4096)
def _turning(fact: str) -> tuple[tuple[ClaimRule, str], ...]:
    """The rules whose words a fact's text says that must not be lost, each with the first of them."""
    body = fold(fact)
    return tuple((rule, said[0]) for rule in grounding_rules().claims if rule.kept and (said := rule.said(body)))


def denied_elsewhere(text: str, facts: Sequence[str]) -> str:
    """A clause of `text` that denies what another clause of the facts states, while the facts deny something else; "" for none.

    «兼职没有3人» where the facts say «专职没有，兼职3人».
    """
    rule = next((r for r in grounding_rules().claims if r.kind == _DENIAL), None)
    if rule is None:
        return ""
    theirs = [c.group() for fact in facts for c in _CLAUSE.finditer(fold(fact))]
    denying = [c for c in theirs if rule.said(c) or rule.allowed(c)]
    for clause in _CLAUSE.finditer(fold(text)):
        said = clause.group()
        rest = rule.words.sub("，", said)
        if rule.said(said) and _shared(rest, theirs) > _shared(rest, denying):
            return said
    return ""


def _shared(clause: str, others: Sequence[str]) -> int:
    """Pairs of Chinese characters that a clause shares with the one of `others` that is most like it."""
    pairs = {clause[i : i + 2] for i in range(len(clause) - 1) if _HAN.match(clause[i]) and _HAN.match(clause[i + 1])}
    return max((sum(pair in other for pair in pairs) for other in others), default=0)


def _claimed(clause: str, given: _Given, rules: GroundingRules) -> tuple[str, str] | None:
    if not rules.any_claim.search(clause):
        return None
    for rule in rules.claims:
        for said in rule.said(clause):
            if said not in given.text and wording().names.get(said) not in given.names and not rule.allowed(given.text):
                return rule.kind, said
    return None


def _strange(
    body: str, start: int, end: int, figures: list[tuple[int, int]], given: _Given, rules: GroundingRules
) -> tuple[str, str] | None:
    """The first word of the clause that is neither the facts' nor neutral; the clause, if it has nothing of the facts at all."""
    known = [not "\u4e00" <= char <= "\u9fff" for char in body[start:end]]
    of_facts = [(i, i + 2) for i in range(start, end - 1) if body[i : i + 2] in given.pairs]
    of_facts += [m.span() for m in wording().known.finditer(body, start, end) if wording().names[m.group()] in given.names]
    if not of_facts and not figures and end - start > _LINKING:
        return "说法", body[start:end]
    for s, e in (*figures, *of_facts, *(m.span() for m in rules.neutral.finditer(body, start, end))):
        known[s - start : e - start] = [True] * (min(e, end) - s)
    # One character is enough: 科藏 for 馆藏, 合并学校 for 馆校结合学校, 获市科普奖 for 获区科普奖.
    first = next((i for i, fine in enumerate(known) if not fine), None)
    if first is None:
        return None
    last = next((i for i in range(first, len(known)) if known[i]), len(known))
    return "说法", body[start + first : start + max(last, min(first + 2, len(known)))]


def _claim_rule(row: dict[str, Any]) -> ClaimRule:
    but = row.get("but", [])
    given = _any([*row["given"], *but]) if "given" in row else None
    about, where = (_any(row[name]) if name in row else None for name in ("about", "where"))
    return ClaimRule(str(row["kind"]), _any([*row["words"], *but]), given, frozenset(but), about, where, row.get("kept", False) is True)


def _any(words: list[str]) -> re.Pattern[str]:
    if not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("应是一列不空的词")
    return re.compile("|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)))
