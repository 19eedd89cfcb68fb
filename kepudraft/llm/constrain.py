"""A grammar (GBNF) under which no figure can be generated but those that are given, each only on its own line.

The grammar narrows what a model writes; it proves nothing. Whatever comes back is verified as if there had been none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

# Characters from which figures are made, marks of Markdown and of slots, colons
# (a small model says «事实：» again), ends of sentences, and line breaks. 一 stays free: 一批, 统一, 进一步.
_BARRED = "0-9０-９〇零二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億％%\\n\\r*#_`|<>{}〔〕⟦⟧【】：:；;。A-Za-z"
_FREE = f"[^{_BARRED}]"
_LEAST_CHARS = 4


@dataclass(frozen=True, slots=True)
class LineRule:
    """What one line of the answer may be.

    Attributes:
        literals: Figures, names and fixed words that may stand in it as they are.
        max_chars: Free characters and literals at most.
    """

    literals: tuple[str, ...]
    max_chars: int


def line_grammar(lines: Sequence[LineRule]) -> str:
    """The grammar of an answer of numbered lines: «1. …。», «2. …。» …, each of free text and its own literals."""
    rules = []
    for number, line in enumerate(lines, 1):
        choices = " | ".join([_FREE, *(_quoted(word) for word in sorted(set(line.literals), key=lambda w: (-len(w), w)))])
        rules.append(f"w{number} ::= {choices}")
        rules.append(f'l{number} ::= "{number}. " w{number}{{{_LEAST_CHARS},{max(line.max_chars, _LEAST_CHARS + 1)}}} "。"')
    root = ' "\\n" '.join(f"l{number}" for number in range(1, len(lines) + 1))
    return "\n".join([f"root ::= {root}", *rules])


def _quoted(word: str) -> str:
    # GBNF knows the escapes of JSON strings that can occur here: quote, backslash, control characters.
    return json.dumps(word, ensure_ascii=False)
