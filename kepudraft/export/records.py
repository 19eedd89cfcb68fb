"""The evidence of a draft as JSON: every sentence with its facts, every figure with its verdict, all that is missing.

The record is a pure function of the draft: no clock, keys in a fixed order; two runs can be compared byte by byte.
Spans count code points of `text`, from 0, the end excluded.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right

from kepudraft.assemble import Draft, Provenance, Section
from kepudraft.compose.passage import Sentence
from kepudraft.export.lines import Kind, Line, lines
from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.verify.report import Finding, Verdict

SCHEMA = "kepudraft.draft/1"

_NOT_TOLD = "草稿没有写到"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def render(draft: Draft) -> str:
    """The record as JSON text for a UTF-8 file, ending in a line break."""
    return _json(record(draft), indented=True).decode() + "\n"


def record(draft: Draft) -> dict[str, object]:
    """Everything known about the draft, as values that JSON can hold."""
    body = _body(draft)
    return {"schema": SCHEMA, "sha256": _digest(body), **body}


def content_hash(draft: Draft) -> str:
    """SHA-256 (hex) of the record, as in its "sha256": the Word file carries it, so that its evidence can be found."""
    return _digest(_body(draft))


def _digest(body: dict[str, object]) -> str:
    return hashlib.sha256(_json(body)).hexdigest()


def _json(value: object, *, indented: bool = False) -> bytes:
    import orjson  # here, because who scans or checks a text writes none

    option = orjson.OPT_INDENT_2 if indented else None
    try:
        return orjson.dumps(value, option=option)
    except orjson.JSONEncodeError:
        # UTF-8 has no form for half a surrogate pair; replaced one for one, the spans stay valid.
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return orjson.dumps(json.loads(_LONE_SURROGATE.sub("\ufffd", text)), option=option)


def _body(draft: Draft) -> dict[str, object]:
    return {
        "title": draft.title,
        **_unit(draft.sheet),
        "faithful": draft.report.ok,
        "text": draft.text,
        "sections": [_section(s) for s in draft.sections],
        "facts": [_fact(f) for f in draft.sheet.facts],
        "figures": _figures(draft),
        "omitted": [_omitted(f) for f in draft.report.findings if f.verdict is Verdict.OMITTED],
        "unused": _unused(draft),
        "gaps": list(draft.gaps),
        "remarks": list(draft.sheet.remarks),
        "notices": list(draft.notices),
        "provenance": _provenance(draft.provenance),
    }


def sheet_record(sheet: FactSheet) -> dict[str, object]:
    """What was understood of a fact file, as JSON values."""
    return {**_unit(sheet), "facts": [_fact(f) for f in sheet.facts], "remarks": list(sheet.remarks)}


def _unit(sheet: FactSheet) -> dict[str, object]:
    date = "{:04d}-{:02d}-{:02d}".format(*sheet.date) if sheet.date else None
    return {"unit": sheet.unit, "unit_type": sheet.unit_type.value, "year": sheet.year, "date": date}


def _section(section: Section) -> dict[str, object]:
    return {
        "number": section.number,
        "heading": section.heading,
        "level": section.level,
        "role": section.role.value,
        "exemplars": list(section.passage.exemplar_ids),
        "paragraphs": [[_sentence(s) for s in paragraph] for paragraph in section.passage.paragraphs],
        "parts": [_section(part) for part in section.parts],
    }


def _sentence(sentence: Sentence) -> dict[str, object]:
    return {
        "text": sentence.text,
        "facts": list(sentence.fact_ids),
        "origin": sentence.origin.value,
        "gap": sentence.gap,
    }


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "id": fact.id,
        "text": fact.text,
        "topic": fact.topic,
        "status": fact.status.value,
        "source": {"file": fact.source.file, "place": fact.source.place},
        "last": fact.last,
        "note": fact.note,
        "formula": fact.formula,
        "inputs": list(fact.inputs),
        "role": fact.role.value if fact.role else "",
        "part_of": fact.part_of,
        "subject": fact.subject,
    }


def _figures(draft: Draft) -> list[dict[str, object]]:
    printed = lines(draft)
    starts = [line.pieces[0].start for line in printed]
    return [_figure(f, printed, starts) for f in draft.report.figures]


def _figure(finding: Finding, printed: tuple[Line, ...], starts: list[int]) -> dict[str, object]:
    line = sentence = None
    if finding.span is not None:
        line = printed[max(0, bisect_right(starts, finding.span.start) - 1)]
        sentence = next((p.sentence for p in reversed(line.pieces) if p.start <= finding.span.start), None)
    return {
        "surface": finding.surface,
        "verdict": finding.verdict.value,
        "start": finding.span.start if finding.span else None,
        "end": finding.span.end if finding.span else None,
        "fact": finding.fact_id,
        "expected": finding.expected,
        "explanation": finding.explanation,
        "where": line.kind.value if line else Kind.BODY.value,
        "section": line.number if line else "",
        "sentence": sentence.text if sentence else line.text if line else "",
    }


def _omitted(finding: Finding) -> dict[str, object]:
    return {"surface": finding.surface, "fact": finding.fact_id, "explanation": finding.explanation}


def _unused(draft: Draft) -> list[dict[str, object]]:
    """The facts that the outline left out with its reasons, then those that verifying did not find in the text."""
    reasons = {u.fact_id: u.reason for u in draft.unused}
    reasons |= {fact_id: _NOT_TOLD for fact_id in draft.report.unused if fact_id not in reasons}
    return [{"fact": fact_id, "reason": reason} for fact_id, reason in reasons.items()]


def _provenance(provenance: Provenance) -> dict[str, object]:
    return {
        "model": provenance.model,
        "prompts": dict(provenance.prompts),
        "index": provenance.index,
        "seed": provenance.seed,
        "version": provenance.version,
    }
