"""The grammar: under it no figure can be written but the line's own. Read here as a regular expression, which it is."""

from __future__ import annotations

import json
import re

import pytest

from kepudraft.llm.constrain import LineRule, line_grammar


def expression(grammar: str) -> re.Pattern[str]:
    """The grammar as a regular expression: its rules are alternatives, repetitions and sequences only."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())

    def one(body: str) -> str:
        parts = re.findall(r'\[\^[^\]]+\]|"(?:[^"\\]|\\.)*"|w\d+\{\d+,\d+\}|l\d+|\|', body)
        made = ""
        for part in parts:
            if part == "|" or part.startswith("["):
                made += part
            elif part.startswith('"'):
                made += re.escape(json.loads(part))
            elif part.startswith("w"):
                name, bounds = re.fullmatch(r"(w\d+)(\{.+\})", part).groups()  # type: ignore[union-attr]
                made += f"(?:{one(rules[name])}){bounds}"
            else:
                made += one(rules[part])
        return made

    return re.compile(one(rules["root"]))


GRAMMAR = expression(line_grammar([LineRule(("24场", "1380人次", "“四点半课”"), 40), LineRule(("6处",), 30)]))


@pytest.mark.parametrize("text", [
    "1. 全年举办讲座24场，听众1380人次。\n2. 现有宣传栏6处。",
    "1. 举办“四点半课”24场。\n2. 宣传栏共6处。",
])
def test_lines_with_their_own_figures_are_allowed(text: str):
    assert GRAMMAR.fullmatch(text)


@pytest.mark.parametrize("text", [
    "1. 全年举办讲座42场。\n2. 现有宣传栏6处。",
    "1. 全年举办讲座24场。\n2. 现有宣传栏24场。",
    "1. 全年举办讲座二十四场。\n2. 现有宣传栏6处。",
    "1. 全年举办讲座２４场。\n2. 现有宣传栏6处。",
    "1. 举办讲座24场，增长百分之八。\n2. 现有宣传栏6处。",
    "1. **讲座**24场共计。\n2. 现有宣传栏6处。",
    "1. 全年举办讲座24场。",
    "2. 现有宣传栏6处。\n1. 全年举办讲座24场。",
    "1. 事实：举办讲座24场。\n2. 现有宣传栏6处。",
    "1. 全年举办讲座24场。好。\n2. 现有宣传栏6处。",
])
def test_nothing_else_is(text: str):
    assert not GRAMMAR.fullmatch(text)


def test_quotes_and_backslashes_in_facts_cannot_break_out():
    grammar = line_grammar([LineRule(('"x" | "', "a\\b\n"), 20)])
    assert len(grammar.splitlines()) == 3
    assert r"\"x\" | \"" in grammar
