"""A draft as plain text: what `draft.text` holds, and the signature; one paragraph a line."""

from __future__ import annotations

from kepudraft.assemble import Draft
from kepudraft.export.lines import lines, printable, signature


def render(draft: Draft) -> str:
    """The whole text with signature and date, ending in a line break."""
    return "".join(printable(line.text) + "\n" for line in (*lines(draft), *signature(draft.sheet)))
