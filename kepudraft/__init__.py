"""kepudraft drafts the annual work summary of a science-popularisation unit from its raw facts, and proves every figure.

    facts ─> outline ─> retrieval ─> compose ─> verify ─> assemble ─> export
    FactSheet Outline    Hits         Passage    Report    Draft       .docx .md .json

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

from kepudraft._version import __version__

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
    "UnitType": "kepudraft.genre",
    "Verdict": "kepudraft.verify.report",
    "read_facts": "kepudraft.facts.read",
    "scan": "kepudraft.figures.scan",
    "verify": "kepudraft.verify.figures",
    "write": "kepudraft.export",
}

__all__ = [
    "Draft", "Drafter", "Fact", "FactSheet", "Figure", "Finding", "Heading", "KepudraftError", "Report", "Settings",
    "UnitType", "Verdict", "__version__", "read_facts", "scan", "verify", "write",
]


def __getattr__(name: str) -> object:
    """Load a public name where it is first asked for (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kepudraft' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
