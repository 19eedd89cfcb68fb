"""Exemplars beside a draft: shown on demand, and on the evidence page, which can do without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kepudraft.errors import ModelError, SetupError

if TYPE_CHECKING:
    # Loaded where something is drafted: the help must not wait for them.
    from kepudraft.assemble import Draft
    from kepudraft.corpus import Excerpt
    from kepudraft.facts.sheet import FactSheet
    from kepudraft.pipeline import Drafter, Found, Searcher


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft with the exemplars found for its sections."""

    draft: Draft
    found: tuple[Found, ...] = ()

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        """The passages themselves."""
        return tuple(hit.excerpt for part in self.found for hit in part.hits)


def drafted(
    drafter: Drafter, sheet: FactSheet, open_searcher: Callable[[], Searcher], *, shown: bool, lends: bool, asked: bool,
    say: Callable[[str], None], watch: Callable[[str], None] | None = None,
) -> Drafted:
    """Draft, with exemplars where they are wanted.

    Args:
        drafter: Without a searcher.
        sheet: The facts.
        open_searcher: Opens what finds exemplars.
        shown: Whether anything shows them to the person.
        lends: Whether a model is shown them.
        asked: Whether the person asked for them: then it is an error that they cannot be had, else it is only said.
        say: Tells the person.
        watch: Told the heading of each section that a model is about to write.
    """
    if not shown and not lends:
        return Drafted(drafter.draft(sheet, watch=watch))
    try:
        lent = replace(drafter, searcher=open_searcher())
        found = lent.exemplars(lent.outline(sheet), sheet)
    except (SetupError, ModelError) as error:
        if asked:
            raise
        say(f"{error}。这次没有用范文")
        return Drafted(drafter.draft(sheet, watch=watch))
    return Drafted((lent if lends or drafter.model is None else drafter).draft(sheet, watch=watch), found)
