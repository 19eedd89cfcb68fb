"""The whole judgement of a text: its figures against facts, and its form."""

from __future__ import annotations

from dataclasses import replace

from kepudraft.facts.sheet import FactSheet
from kepudraft.verify.figures import verify
from kepudraft.verify.language import check_language
from kepudraft.verify.report import Report
from kepudraft.verify.structure import check_structure


def review(text: str, sheet: FactSheet, *, target_chars: int | None = None) -> Report:
    """Judge figures and form of a summary, whoever wrote it.

    Args:
        text: The summary, title first, one paragraph a line; spans of all findings index into it.
        sheet: The facts; unit type and year say what form is asked for.
        target_chars: Length that was asked for, in characters; not judged if None.
    """
    form = (
        *check_structure(text, unit_type=sheet.unit_type, year=sheet.year, target_chars=target_chars),
        *check_language(text, year=sheet.year),
    )
    ordered = sorted(form, key=lambda f: (f.span.start if f.span else -1, f.kind))
    return replace(verify(text, sheet), form=tuple(ordered))
