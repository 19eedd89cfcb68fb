"""What the outcomes of drafting say: rates with bootstrap intervals over units, and which bars are missed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from eval.draft_ways import Outcome

Measure = Callable[[Sequence[Outcome]], float]
_RESAMPLES = 1000

BARS = {
    "figures not borne": "0", "figures on the wrong noun": "0", "facts used or listed": "1", "facts used": "≥ 0.95",
    "exemplar remains": "0", "sentences by the model": "≥ 0.70", "tokens against the plain prompt": "≤ 1.6",
    "prompt tokens from the cache": "≥ 0.70",
}

MEASURES: dict[str, Measure] = {
    "figures not borne": lambda rows: _share(rows, "unborne", "figures"),
    "figures on the wrong noun": lambda rows: _share(rows, "misplaced", "figures"),
    "facts used": lambda rows: _share(rows, "used", "facts"),
    "facts used or listed": lambda rows: sum(r.used + r.listed for r in rows) / max(1, sum(r.facts for r in rows)),
    "exemplar remains": lambda rows: sum(r.remains for r in rows) / max(1, len(rows)),
    "sentences by the model": lambda rows: _share(rows, "by_model", "sentences"),
    "of these word for word the offline composer's": lambda rows: _share(rows, "alike", "by_model"),
    "prompt tokens from the cache": lambda rows: _share(rows, "cached", "cacheable"),
    "tokens a unit": lambda rows: sum(r.tokens for r in rows) / max(1, len(rows)),
    "requests a unit": lambda rows: sum(r.requests for r in rows) / max(1, len(rows)),
    "seconds a unit": lambda rows: sum(r.seconds for r in rows) / max(1, len(rows)),
}


def summary(rows: Sequence[Outcome]) -> dict[str, object]:
    """Each measure with its 95% interval, and the number of units."""
    return {"units": len(rows), **{name: _with_interval(rows, measure) for name, measure in MEASURES.items()}}


def printed(way: str, rows: Sequence[Outcome]) -> list[str]:
    """One line a measure."""
    lines = []
    for name, measure in MEASURES.items():
        value, low, high = _with_interval(rows, measure)
        lines.append(f"{way}: {name} {value:.4g} [{low:.4g}, {high:.4g}] n={len(rows)}")
    return lines


def missed(rows: Sequence[Outcome], plain: Sequence[Outcome]) -> list[str]:
    """The bars that the judged way misses; tokens are compared over the units that both ways drafted."""
    if not rows:
        return ["nothing was drafted in the judged way"]
    short = []
    for name in ("figures not borne", "figures on the wrong noun", "exemplar remains"):
        if (value := MEASURES[name](rows)) > 0:
            short.append(f"{name}: {value:.4g}, bar 0")
    for name, bar in (("facts used or listed", 1.0), ("facts used", 0.95), ("sentences by the model", 0.70),
                      ("prompt tokens from the cache", 0.70)):
        if (value := MEASURES[name](rows)) < bar:
            short.append(f"{name}: {value:.4g}, bar {bar}")
    ratio = token_ratio(rows, plain)
    if ratio is None:
        short.append("tokens against the plain prompt: the plain way was not run over the same units")
    elif ratio > 1.6:
        short.append(f"tokens against the plain prompt: {ratio:.2f}, bar 1.6")
    return short


def token_ratio(rows: Sequence[Outcome], plain: Sequence[Outcome]) -> float | None:
    """Tokens of a way against those of the plain prompt, over the units that both drafted; None where there are none."""
    base = {row.unit: row.tokens for row in plain}
    both = [row for row in rows if base.get(row.unit)]
    return sum(row.tokens for row in both) / sum(base[row.unit] for row in both) if both else None


def _share(rows: Sequence[Outcome], part: str, whole: str) -> float:
    parts, wholes = (float(sum(getattr(r, name) for r in rows)) for name in (part, whole))
    return parts / max(1.0, wholes)


def _with_interval(rows: Sequence[Outcome], measure: Measure) -> tuple[float, float, float]:
    """The measure and its 95% bootstrap interval over units; the seed is fixed."""
    chance = random.Random(0)
    drawn = sorted(measure(chance.choices(rows, k=len(rows))) for _ in range(_RESAMPLES)) if rows else [0.0]
    at = (len(drawn) - 1) / 40
    return tuple(round(v, 5) for v in (measure(rows), drawn[round(at)], drawn[round(39 * at)]))  # type: ignore[return-value]
