"""kepudraft drafts the annual work summary of a science-popularisation unit from its raw facts, and proves every figure.

    facts ─> outline ─> retrieval ─> compose ─> verify ─> assemble ─> export
    FactSheet Outline    Hits         Passage    Report    Draft       .docx .html .md .json

    from kepudraft import Drafter, read_facts, verify, write

    sheet = read_facts("facts.xlsx")
    draft = Drafter().draft(sheet)
    print(draft.text, draft.gaps, draft.unused)
    verify(draft.text, sheet).raise_for_unfaithful()
    write(draft, ["summary.docx", "summary.md", "summary.json"])

Importing the package loads the standard library only; everything else is loaded where it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kepudraft._version import __version__

if TYPE_CHECKING:  # what type checkers and editors see; at run time __getattr__ loads the same names
    from kepudraft.assemble import Draft
    from kepudraft.errors import KepudraftError, UnfaithfulDraft
    from kepudraft.export import write
    from kepudraft.facts.read import Heading, read_facts
    from kepudraft.facts.sheet import Fact, FactSheet
    from kepudraft.figures.scan import Figure, scan
    from kepudraft.genre import UnitType
    from kepudraft.pipeline import Drafter
    from kepudraft.settings import Settings
    from kepudraft.verify.figures import verify
    from kepudraft.verify.report import Finding, Report, Verdict

_PUBLIC = {
    "Draft": "kepudraft.assemble",
    "Drafter": "kepudraft.pipeline",
    "Fact": "kepudraft.facts.sheet",
    "FactSheet": "kepudraft.facts.sheet",
    "Figure": "kepudraft.figures.scan",
    "Finding": "kepudraft.verify.report",
    "Heading": "kepudraft.facts.read",
    "KepudraftError": "kepudraft.errors",
    "Report": "kepudraft.verify.report",
    "Settings": "kepudraft.settings",
    "UnfaithfulDraft": "kepudraft.errors",
    "UnitType": "kepudraft.genre",
    "Verdict": "kepudraft.verify.report",
    "read_facts": "kepudraft.facts.read",
    "scan": "kepudraft.figures.scan",
    "write": "kepudraft.export",
}

__all__ = [
    "Draft", "Drafter", "Fact", "FactSheet", "Figure", "Finding", "Heading", "KepudraftError", "Report", "Settings",
    "UnfaithfulDraft", "UnitType", "Verdict", "__version__", "read_facts", "scan", "verify", "write",
]


def __getattr__(name: str) -> object:
    """Load a public name where it is first asked for (PEP 562)."""
    if name == "verify":
        return import_module("kepudraft.verify")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kepudraft' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
