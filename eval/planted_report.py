"""The outcomes of planted errors and rewritings as lines for a person, and as a record for the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from eval.planted_score import Hit, Outcome, load_bars, load_rules
from kepudraft.verify.report import Finding

ALARM_BARS = {"rewrites": 0.01, "paraphrase": 0.03}
VERDICT_BAR = FACT_BAR = 0.95
_CONTEXT = 28
_SAME = 4
_SPLITS = ("all", "dev", "held")
PARAPHRASE = "paraphrase"
OTHER_HANDS = {"second_paraphrase": "second", "third_paraphrase": "third"}  # paraphrases by others, each in a folder of its own


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything judged.

    Attributes:
        outcomes: One for each text.
        told: Figures that the clean drafts tell.
        told_but_omitted: Those of them that the checker calls omitted.
    """

    outcomes: tuple[Outcome, ...]
    told: int
    told_but_omitted: int


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `of`; None of a share without cases."""

    good: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None without cases."""
        return self.good / self.of if self.of else None

    def __str__(self) -> str:
        return f"{self.good / self.of:.4f} ({self.good}/{self.of})" if self.of else "- (0)"


@dataclass(frozen=True, slots=True)
class Metric:
    """One line: a share for each split and its bar; `is_least` if the bar is the least allowed, else the most."""

    name: str
    shares: dict[str, Share]
    bar: float
    is_least: bool = True

    @property
    def held(self) -> bool:
        """True if every split that has cases keeps to the bar."""
        values = [s.value for s in self.shares.values() if s.value is not None]
        return all(v >= self.bar if self.is_least else v <= self.bar for v in values)

    def __str__(self) -> str:
        sign = ">=" if self.is_least else "<="
        shares = "  ".join(f"{split} {share}" for split, share in self.shares.items())
        bar = f"bar {sign} {self.bar:.2f}: {'ok' if self.held else 'MISSED'}" if 0 < self.bar < 1 else "no bar"
        return f"{self.name}: {shares}  {bar}"


def print_report(measured: Measured, *, show: int) -> bool:
    """Print every metric beside its bar, the tables and the worst; True if every bar is held."""
    metrics = list(_metrics(measured))
    by_operator, by_sort = _tables(measured)
    print("\n".join(("by operator (recall, precision, right verdict, right fact):", *by_operator, "", "by sort of figure:", *by_sort)))
    print("\n".join(("", "false alarms by rewriting (flagged of figures):", *_alarm_table(measured))))
    _print_worst(measured, show)
    _print_alarms(measured, show)
    cases = [o.seconds * 1000 for o in measured.outcomes]
    hits = sum(len(o.hits) for o in measured.outcomes)
    mutants = sum(bool(o.hits) for o in measured.outcomes)
    print(f"\n{mutants} mutants with {hits} planted errors, {len(measured.outcomes) - mutants} faithful texts; "
          f"{median(cases) if cases else 0:.2f} ms a case (median), {max(cases, default=0):.1f} at most")
    print(f"told figures called omitted in clean drafts: {Share(measured.told_but_omitted, measured.told)}  no bar")
    for metric in metrics:
        print(metric)
    return all(m.held for m in metrics if m.bar)


def summary(measured: Measured) -> dict[str, object]:
    """The same as values that JSON can hold."""
    metrics = {m.name: {**_plain(m.shares), "bar": m.bar, "ok": m.held} for m in _metrics(measured)}
    operators = {
        name: {"number": rule.number, **_plain(_by_split(measured, _of(name), _is_found)),
               "precision": _precision(measured, name).value}
        for name, rule in load_rules().items()
    }
    alarms = {name: _plain(_alarm_shares(measured, (name,))) for name in _faithful_names(measured)}
    cases = [o.seconds * 1000 for o in measured.outcomes]
    return {
        "mutants": sum(bool(o.hits) for o in measured.outcomes), "metrics": metrics, "operators": operators,
        "false_alarms": alarms, "told_but_omitted": str(Share(measured.told_but_omitted, measured.told)),
        "ms_median": round(median(cases), 3) if cases else None,
    }


def _metrics(measured: Measured) -> Iterable[Metric]:
    for group, (bar, says) in load_bars().items():
        names = [n for n, r in load_rules().items() if r.group == group]
        yield Metric(f"recall, {says}", _by_split(measured, _of(*names), _is_found), bar)
    found = _by_split(measured, lambda h: h.finding is not None, lambda h: bool(h.is_verdict_right))
    yield Metric("right verdict of those found", found, VERDICT_BAR)
    facts = _by_split(measured, lambda h: h.is_fact_right is not None, lambda h: bool(h.is_fact_right))
    yield Metric("right fact of those found", facts, FACT_BAR)
    rewrites = [n for n in _faithful_names(measured) if n != PARAPHRASE and n not in OTHER_HANDS]
    yield Metric("false alarms, clean and rewritten", _alarm_shares(measured, rewrites), ALARM_BARS["rewrites"], is_least=False)
    yield Metric("false alarms, free paraphrase", _alarm_shares(measured, (PARAPHRASE,)), ALARM_BARS["paraphrase"], is_least=False)
    for name, hand in OTHER_HANDS.items():
        shares = _alarm_shares(measured, (name,))
        yield Metric(f"false alarms, free paraphrase by a {hand} hand", shares, ALARM_BARS["paraphrase"], is_least=False)


def _tables(measured: Measured) -> tuple[list[str], list[str]]:
    operators = []
    for name, rule in load_rules().items():
        hits = [h for o in measured.outcomes for h in o.hits if h.mutant.operator == name]
        if not hits:
            operators.append(f"  {rule.number:2} {name:20} untested")
            continue
        found = [h for h in hits if h.finding is not None]
        facts = [h for h in found if h.is_fact_right is not None]
        dev, held = (_by_split(measured, _of(name), _is_found)[s] for s in ("dev", "held"))
        operators.append(
            f"  {rule.number:2} {name:20} recall {Share(len(found), len(hits))!s:20} dev {dev!s:18} held {held!s:18}"
            f" precision {_precision(measured, name)!s:20} verdict {Share(sum(bool(h.is_verdict_right) for h in found), len(found))!s:20}"
            f" fact {Share(sum(bool(h.is_fact_right) for h in facts), len(facts))}"
            f"{'  BELOW' if len(found) < load_bars()[rule.group][0] * len(hits) else ''}"
        )
    sorts: dict[str, list[Hit]] = defaultdict(list)
    for hit in (h for o in measured.outcomes for h in o.hits):
        sorts[hit.planted.sort].append(hit)
    return operators, [f"  {s:10} recall {Share(sum(map(_is_found, hits)), len(hits))}" for s, hits in sorted(sorts.items())]


def _alarm_table(measured: Measured) -> list[str]:
    rows = ((name, _alarm_shares(measured, (name,))) for name in _faithful_names(measured))
    return [f"  {name:20} " + "  ".join(f"{split} {share}" for split, share in shares.items()) for name, shares in rows]


def _faithful_names(measured: Measured) -> list[str]:
    return list(dict.fromkeys(o.mutant.operator for o in measured.outcomes if not o.mutant.planted))


def _alarm_shares(measured: Measured, names: Sequence[str]) -> dict[str, Share]:
    return {
        split: Share(sum(len(o.alarms) for o in chosen), sum(o.figures for o in chosen))
        for split in _SPLITS
        for chosen in [[o for o in measured.outcomes if o.mutant.operator in names and split in ("all", o.mutant.draft.split)]]
    }


def _by_split(measured: Measured, is_case: Callable[[Hit], bool], is_good: Callable[[Hit], bool]) -> dict[str, Share]:
    cases = [h for o in measured.outcomes for h in o.hits if is_case(h)]
    chosen = {split: [h for h in cases if split in ("all", h.mutant.draft.split)] for split in _SPLITS}
    return {split: Share(sum(map(is_good, hits)), len(hits)) for split, hits in chosen.items()}


def _of(*names: str) -> Callable[[Hit], bool]:
    return lambda hit: hit.mutant.operator in names


def _is_found(hit: Hit) -> bool:
    return hit.finding is not None


def _precision(measured: Measured, name: str) -> Share:
    """Of what was flagged in the mutants of an operator: planted errors, of those and false alarms together."""
    outcomes = [o for o in measured.outcomes if o.mutant.operator == name]
    found = sum(_is_found(h) for o in outcomes for h in o.hits)
    return Share(found, found + sum(len(o.alarms) for o in outcomes))


def _plain(shares: dict[str, Share]) -> dict[str, object]:
    return {split: {"value": s.value and round(s.value, 4), "n": s.of} for split, s in shares.items()}


def _print_worst(measured: Measured, show: int) -> None:
    """Misses in turn from every operator, those farthest below their bar first; then wrong verdicts the same way."""
    hits = [h for o in measured.outcomes for h in o.hits]
    missed = _in_turn([h for h in hits if not _is_found(h)], hits)
    print(f"\nmissed: {len(missed)} of {len(hits)}; the worst {min(show, len(missed))}:")
    for hit in missed[:show]:
        print(f"  {hit.mutant.operator} {hit.mutant.draft.name}: {_around(hit)}  [{_fact_texts(hit)}]")
    wrong = _in_turn([h for h in hits if h.is_verdict_right is False], hits)
    print(f"found with the wrong verdict: {len(wrong)}; the worst {min(show, len(wrong))}:")
    for hit in wrong[:show]:
        said = f"{hit.finding.verdict} {hit.finding.fact_id} {hit.finding.explanation}" if hit.finding else ""
        print(f"  {hit.mutant.operator} {hit.mutant.draft.name}: {_around(hit)}  -> {said}")


def _in_turn(chosen: list[Hit], hits: list[Hit]) -> list[Hit]:
    queues: dict[str, list[Hit]] = defaultdict(list)
    for hit in chosen:
        queues[hit.mutant.operator].append(hit)
    total = {name: sum(h.mutant.operator == name for h in hits) for name in queues}
    bars = {name: load_bars()[load_rules()[name].group][0] for name in queues}
    # A bar of 0.95 forgives some misses; what is beyond it counts.
    worst = sorted(queues, key=lambda n: (len(queues[n]) / total[n] - (1 - bars[n]), n), reverse=True)
    deepest = max(map(len, queues.values()), default=0)
    return [queues[name][turn] for turn in range(deepest) for name in worst if turn < len(queues[name])]


def _around(hit: Hit) -> str:
    text, p = hit.mutant.text, hit.planted
    if p.figure is not None:
        return f"(taken away) {p.figure.surface}"
    before = text[max(0, p.start - _CONTEXT):p.start].split("\n")[-1]
    return f"{before}【{text[p.start:p.end]}】{text[p.end:p.end + _CONTEXT].split(chr(10))[0]}"


def _fact_texts(hit: Hit) -> str:
    return "；".join(f"{i} {hit.mutant.draft.sheet.fact(i).text}" for i in hit.planted.facts)


def _print_alarms(measured: Measured, show: int) -> None:
    alarms = [(o, f) for o in measured.outcomes if not o.mutant.planted for f in o.alarms]
    # The same slip shows in every rewriting: say it once, as it stands in the clean draft if it does.
    alarms.sort(key=lambda a: bool(a[0].mutant.edits))
    once: dict[tuple[object, ...], tuple[Outcome, Finding]] = {}
    for outcome, finding in alarms:
        start = finding.span.start if finding.span else 0
        words = outcome.mutant.text[max(0, start - _SAME):start]
        once.setdefault((outcome.mutant.draft.name, finding.verdict, finding.fact_id, words), (outcome, finding))
    print(f"\nfalse alarms: {len(alarms)}, {len(once)} different; {min(show, len(once))} of them:")
    for outcome, finding in list(once.values())[:show]:
        text, span = outcome.mutant.text, finding.span
        assert span is not None
        before = text[max(0, span.start - _CONTEXT):span.start].split("\n")[-1]
        after = text[span.end:span.end + _CONTEXT].split("\n")[0]
        print(f"  {outcome.mutant.operator} {outcome.mutant.draft.name}: {before}【{text[span.start:span.end]}】{after}"
              f"  -> {finding.verdict} {finding.fact_id} {finding.explanation}")
