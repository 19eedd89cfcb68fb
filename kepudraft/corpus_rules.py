"""What exemplars that ship must not hold: names of persons, and figures that contradict each other; and where names stand.

In: sections as role, heading and text; out: a sentence in Chinese for each fault. Beside the corpus reader, since the
summaries that users add are full of names, and those are left to them. Rules are in corpus_rules.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kepudraft.errors import RuleError

RULES = Path(__file__).with_suffix(".toml")
_FIGURE = re.compile(r"(?P<words>[一-鿿]*)(?P<value>(?<![0-9.])[0-9][0-9.,]*[万亿]?)(?P<unit>[一-鿿%]{1,2})")


@dataclass(frozen=True, slots=True)
class Part:
    """A section as far as these rules see it."""

    role: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class CorpusRules:
    """corpus_rules.toml, checked.

    Attributes:
        name: Finds a name beside an office.
        called: Finds a name beside an office, a title or a word of inviting, and more often what is none.
        least_words: Letters that two figures must have before them to measure the same.
        not_in: Roles whose figures are about another year.
    """

    name: re.Pattern[str]
    called: re.Pattern[str]
    least_words: int
    not_in: tuple[str, ...]


def faults(parts: Sequence[Part]) -> Iterator[str]:
    """Yield what is wrong with one exemplar."""
    rules = load_rules()
    for part in parts:
        for match in rules.name.finditer(f"{part.heading}\n{part.text}"):
            yield f"有人名“{match[0]}”，请改为职务"
    yield from _contradictions(parts, rules)


@cache
def load_rules(path: Path = RULES) -> CorpusRules:
    """Read the rules.

    Raises:
        RuleError: The file breaks its form.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        names, contradictions = content["names"], content["contradictions"]
        return CorpusRules(
            _name(names["surnames"], names["not_given"], names["offices"], names["followers"]),
            _called(names),
            int(contradictions["least_words"]),
            tuple(contradictions["not_in"]),
        )
    except (OSError, ValueError, KeyError, TypeError, re.error) as error:
        raise RuleError(f"规则表读不通（{error}）", place=str(path), remedy="请对照文件里的说明改正") from error


def people(text: str) -> tuple[str, ...]:
    """Names of persons in a text, by what stands beside them: offices, titles, words of inviting. Some are none."""
    found = (next(filter(None, m.groups())) for m in load_rules().called.finditer(text))
    return tuple(dict.fromkeys(found))


def _name(surnames: str, not_given: str, offices: Sequence[str], followers: str) -> re.Pattern[str]:
    person, office = _person(surnames, not_given), _any(offices)
    return re.compile(f"{person}{office}|{office}{person}(?=[{followers}])")


def _called(names: Mapping[str, Any]) -> re.Pattern[str]:
    person = _person(names["surnames"], names["not_given"])
    before, behind = _any([*names["offices"], *names["titles"]]), _any([*names["offices"], *names["titles"], *names["inviting"]])
    return re.compile(f"({person}){before}|{behind}({person})(?=[{names['followers']}{names['speaking']}])")


def _person(surnames: str, not_given: str) -> str:
    return f"[{surnames}](?:(?![{not_given}])[一-鿿]){{1,2}}"


def _any(words: Sequence[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


def _contradictions(parts: Sequence[Part], rules: CorpusRules) -> Iterator[str]:
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for number, part in enumerate(parts):
        if part.role in rules.not_in:
            continue
        for match in _FIGURE.finditer(part.text):
            words, value = match["words"], match["value"].replace(",", "")
            if len(words) < rules.least_words:
                continue
            other, place = seen.setdefault((words, match["unit"]), (value, number))
            # Within a section the same words begin lists: 第二期听课…, 听课….
            if other != value and place != number:
                yield f"“{words}”有两个数：{other}{match['unit']}和{value}{match['unit']}"
