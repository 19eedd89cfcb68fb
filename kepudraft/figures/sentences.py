"""Where the sentences of a paragraph end."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Span

# A stop inside quotation marks or brackets ends its sentence behind the closing mark.
_SENTENCE = re.compile(r"[^。！？]*(?:[。！？]+[”’）」』】》]*|$)")


def sentence_spans(paragraph: str) -> tuple[Span, ...]:
    """The sentences of one line, end marks included; they follow each other without a gap."""
    return tuple(Span(*m.span()) for m in _SENTENCE.finditer(paragraph) if m.group())
