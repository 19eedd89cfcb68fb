"""How well `scan` reads: `python -m eval figures` scores it on labelled sentences, on twins and on the clock.

Own cases (eval/cases/figures/*.jsonl) are always used; the shared gold is used where it lies beside the checkout.
Every line is a metric beside its bar; the exit code is 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.record import RESULTS, save_results
from kepudraft.figures.fold import traditional
from kepudraft.figures.numerals import Style, parse, write
from kepudraft.figures.scan import record, scan

Record = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "eval" / "cases" / "figures"
GOLD = ROOT.parent / "shared" / "figures_gold_dev.jsonl"
SEEDS = ROOT.parent / "shared" / "seeds"
STRICT = ("start", "end", "value", "low", "high", "unit", "qualifier", "kind")
WORST = 10
HOSTILE = ("1", "一", "万", "余", "（", "1月", "（一", "一、", "1至", "第1", "x", "“一")
HOSTILE_CHARS = 1_000_000
SPEED_CHARS = 400_000
_MEASURED: list[dict[str, object]] = []
"""What the run has measured so far, to be kept."""
_CHINESE_NUMERAL = re.compile(
    "[^0-9一二三四五六七八九十百千万]*?([二三四五六七八九十两][一二三四五六七八九十百千]*)"
    "(?=[余多来]?[^0-9一二三四五六七八九十百千万几半点分成折等])"
)
_TIME_WORDS = re.compile("今年|去年|明年|年底|年初|年内|当年|全年|往年")


@dataclass(slots=True)
class Score:
    """Counts over a set of cases.

    Attributes:
        found: Required figures found with their value; `strict` of them with span, unit, qualifier and kind as well.
        wrong: Predicted figures that are none.
        missed: Required figures not found.
        trapped: Labelled non-figures that a predicted figure overlaps, of `traps`.
        misses: One line each, for the person who mends the rules.
    """

    found: int = 0
    strict: int = 0
    wrong: int = 0
    missed: int = 0
    trapped: int = 0
    traps: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of figures."""
        return _f1(self.found, self.wrong, self.missed)

    @property
    def strict_f1(self) -> float:
        """The same where only strictly right figures count as found."""
        loose = self.found - self.strict
        return _f1(self.strict, self.wrong + loose, self.missed + loose)


def main(argv: list[str]) -> int:
    """Print every metric beside its bar and keep them; 1 where one is missed."""
    parser = argparse.ArgumentParser(prog="python -m eval figures", description="Measure the reader of figures.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    _MEASURED.clear()
    held = True
    for name, cases, bars in _sets():
        score = grade(cases)
        held &= _show(name, score, bars)
    held &= _twins()
    held &= _speed()
    held &= _hostile()
    save_results("figures", {"held": held, "metrics": _MEASURED}, day=arguments.date, folder=arguments.results)
    return 0 if held else 1


def _sets() -> Iterator[tuple[str, list[Record], tuple[float, float]]]:
    for path in sorted(OWN.glob("*.jsonl")):
        yield path.stem, read_cases(path), (0.97, 0.95)
    if GOLD.exists():
        yield "gold", read_cases(GOLD), (0.99, 0.97)
    else:
        print("gold: 不在，略过")


def read_cases(path: Path) -> list[Record]:
    """The labelled sentences of one file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def grade(cases: Iterable[Record]) -> Score:
    """Score `scan` on labelled sentences by the rules of the gold."""
    score = Score()
    for case in cases:
        predicted = [record(figure) for figure in scan(case["text"]).figures]
        used = _pair_up(case, predicted, score)
        for index, figure in enumerate(predicted):
            if index not in used and not _TIME_WORDS.fullmatch(str(figure["surface"])):
                score.wrong += 1
                score.misses.append(f"{case['id']} 多报 {_brief(figure)}")
        for trap in case.get("nonfigures", []):
            score.traps += 1
            score.trapped += any(_overlap(figure, trap) for figure in predicted)
    return score


def _pair_up(case: Record, predicted: list[Record], score: Score) -> set[int]:
    """Match labelled figures one to one; gives the indexes of predictions that are used up."""
    used: set[int] = set()
    for gold in case["figures"]:
        fitting = [n for n, figure in enumerate(predicted) if n not in used and _fits(figure, gold)]
        exact = [n for n in fitting if all(predicted[n][key] == gold[key] for key in STRICT)]
        if gold.get("optional"):
            used.update(n for n, figure in enumerate(predicted) if _overlap(figure, gold))
        elif fitting:
            used.add((exact or fitting)[0])
            score.found += 1
            score.strict += bool(exact)
            if not exact:
                score.misses.append(f"{case['id']} 不全 {_brief(predicted[fitting[0]])} 应为 {_brief(gold)}")
        else:
            score.missed += 1
            score.by_kind[gold["kind"]] += 1
            score.misses.append(f"{case['id']} 漏报 {_brief(gold)}")
    return used


def _overlap(left: Record, right: Record) -> bool:
    return bool(left["start"] < right["end"] and right["start"] < left["end"])


def _fits(figure: Record, gold: Record) -> bool:
    """Overlap and the same value; of a date all parts that the label knows."""
    if not _overlap(figure, gold):
        return False
    same = _same_date if gold["kind"] == "date" and figure["kind"] == "date" else _same
    return all(same(figure[key], gold[key]) for key in ("value", "low", "high"))


def _same(left: str | None, right: str | None) -> bool:
    return left == right


def _same_date(left: str | None, right: str | None) -> bool:
    if left is None or right is None:
        return left == right
    parts, labelled = left.split("-"), right.split("-")
    return len(parts) == len(labelled) and all(a == b or "X" in b for a, b in zip(parts, labelled, strict=True))


def _brief(figure: Record) -> str:
    value = figure["value"] if figure["value"] is not None else f"{figure['low']}~{figure['high']}"
    return f"“{figure['surface']}”={value} {figure['unit']}/{figure['qualifier']}/{figure['kind']}"


def _f1(found: int, wrong: int, missed: int) -> float:
    return 2 * found / (2 * found + wrong + missed) if found else 0.0


def _show(name: str, score: Score, bars: tuple[float, float]) -> bool:
    required = score.found + score.missed
    held = [
        _line(f"{name} F1 (n={required})", score.f1, bars[0]),
        _line(f"{name} strict F1 (n={required})", score.strict_f1, bars[1]),
        _line(f"{name} non-figures taken (n={score.traps})", score.trapped / max(1, score.traps), 0.02, at_most=True),
    ]
    for miss in score.misses[:WORST]:
        print("   ", miss)
    return all(held)


def _line(name: str, value: float, bar: float, *, at_most: bool = False) -> bool:
    held = value <= bar if at_most else value >= bar
    _MEASURED.append({"name": name, "value": round(value, 4), "bar": bar, "held": held})
    print(f"{name:<44}{value:>12.4f}   {'<=' if at_most else '>='} {bar:<8g}{'' if held else '  MISSED'}")
    return held


def _twins() -> bool:
    """Every own sentence and its twins in full width, in Traditional script and with Chinese numerals turned to Arabic."""
    texts = [case["text"] for path in sorted(OWN.glob("*.jsonl")) for case in read_cases(path)]
    held = True
    for name, turn in (("full width", wide), ("Traditional", traditional)):
        same = sum(_facts(text, spans=True) == _facts(turn(text), spans=True) for text in texts)
        held &= _line(f"twins in {name} (n={len(texts)})", same / len(texts), 1.0)
    turned = [(text, to_arabic(text)) for text in texts]
    turned = [(text, twin) for text, twin in turned if twin != text]
    same = sum(_facts(text, spans=False) == _facts(twin, spans=False) for text, twin in turned)
    for text, twin in turned:
        if _facts(text, spans=False) != _facts(twin, spans=False):
            print("   ", twin)
    return _line(f"twins in Arabic (n={len(turned)})", same / max(1, len(turned)), 0.97) and held


def _facts(text: str, *, spans: bool) -> list[tuple[object, ...]]:
    keys = ("value", "low", "high", "unit", "qualifier", "kind") + (("start", "end") if spans else ())
    return [tuple(record(figure)[key] for key in keys) for figure in scan(text).figures]


def wide(text: str) -> str:
    """The text with full-width digits, letters and percent signs; grouped numbers keep their narrow comma."""
    return text.translate({code: code + 0xFEE0 for code in map(ord, "0123456789%ABCDEFGHIJKLMNOPQRSTUVWXYZxkmgh")})


def to_arabic(text: str) -> str:
    """The text with the Chinese numeral of every exact amount written in Arabic digits."""
    pieces: list[str] = []
    place = 0
    for figure in scan(text).figures:
        numeral = _CHINESE_NUMERAL.match(figure.surface)
        if figure.quantity is None or figure.upper is not None or numeral is None:
            continue
        start = figure.span.start + numeral.start(1)
        pieces += (text[place:start], write(parse(numeral[1]), Style.ARABIC))
        place = start + len(numeral[1])
    return "".join((*pieces, text[place:]))


def _speed() -> bool:
    """Characters a second of `scan`, and its share of one plain pass for digits over the same text."""
    held = True
    for name, text in _bodies():
        text *= max(1, SPEED_CHARS // len(text))
        scan(text[:2000])
        reader = min(_seconds(scan, text) for _ in range(4))
        digits = min(_seconds(lambda body: re.findall(r"\d+", body), text) for _ in range(4))
        held &= _line(f"characters a second, {name}", len(text) / reader, 1_000_000)
        if name == "prose":
            held &= _line("share of a plain \\d+ pass, prose", digits / reader, 0.05)
    return held


def _bodies() -> Iterator[tuple[str, str]]:
    """Labelled sentences (a figure in every clause), and prose of the usual density."""
    cases = [case["text"] for path in sorted(OWN.glob("*.jsonl")) for case in read_cases(path)]
    yield "densest text", "\n".join(cases)
    real = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    filler = "坚持围绕中心、服务大局，认真组织实施，各项工作扎实推进，取得良好成效。"
    yield "prose", "\n".join(real or [text + filler for text in cases])


def _seconds(work: Any, text: str) -> float:  # noqa: ANN401 -- any function of a text
    begun = time.perf_counter()
    work(text)
    return time.perf_counter() - begun


def _hostile() -> bool:
    """Time of one million hostile characters against a tenth of them: linear is 10."""
    worst = 0.0
    for unit in HOSTILE:
        text = unit * (HOSTILE_CHARS // len(unit))
        short = max(_seconds(scan, text[: HOSTILE_CHARS // 10]), 0.02)
        worst = max(worst, _seconds(scan, text) / short)
    return _line(f"hostile input, 1 MB to 0.1 MB (n={len(HOSTILE)})", worst, 20, at_most=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
