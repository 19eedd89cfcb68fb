"""Hedges that stand before a verb: 约占三成, 约为300人. The reader leaves them out of the figure, which only its own words make."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kepudraft.figures.scan import Figure, Hedge

_ABOUT = "约"
_FAR = re.compile(f"{_ABOUT}[占为合达是共计需]")


def with_far_hedges(text: str, figures: Sequence[Figure]) -> Sequence[Figure]:
    """The figures, those behind such a hedge as rough as they are meant; the very same where there is none.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
    """
    behind = {m.end() for m in _FAR.finditer(text)} if _ABOUT in text else ()
    if not behind:
        return figures
    return [
        f._replace(qualifier=_ABOUT, hedge=Hedge.ABOUT) if f.span.start in behind and f.hedge is Hedge.EXACT and f.quantity else f
        for f in figures
    ]


def is_far_hedged(figure: Figure) -> bool:
    """True if a figure's hedge is not among its own characters."""
    return figure.hedge is Hedge.ABOUT and figure.qualifier == _ABOUT and _ABOUT not in figure.surface
