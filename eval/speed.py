"""How fast a person is answered: `python -m eval speed`. Prints each measure beside its bar; exit code 1 below one.

Every process measure is the median of five runs of the whole process, interpreter start included; memory is the
largest resident set of those runs, from the operating system's own accounting.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.record import RESULTS, save_results

_RUNS = 5
_FACTS = 100
_TEXT_CHARS = 3000
_SECTION_CHARS = 300
_TEXTS = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure and the bar that it must not exceed, if it has one."""

    name: str
    value: float
    bar: float | None
    unit: str

    @property
    def held(self) -> bool:
        """True if the bar is held."""
        return self.bar is None or self.value <= self.bar


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval speed", description="Measure speed.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    measures = [*_processes(), _warm(), *_verifying()]
    for m in measures:
        bar = "no bar" if m.bar is None else f"bar {m.bar:g} {'ok' if m.held else 'MISSED'}"
        print(f"{m.name:<64} {m.value:>9.3f} {m.unit:<3} {bar}")
    content = {"measures": [{**asdict(m), "held": m.held} for m in measures]}
    save_results("speed", content, packages=("typer", "python-docx", "openpyxl"), day=arguments.date, folder=arguments.results)
    return 0 if all(m.held for m in measures) else 1


def _processes() -> list[Measure]:
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        facts, out = f"{folder}/facts.xlsx", f"{folder}/summary.docx"
        command = [python, "-m", "kepudraft"]
        subprocess.run([*command, "init", "--unit-type", "科技馆", "--example", "-o", facts], check=True, capture_output=True)
        shown, _ = _timed([*command, "--help"])
        imported, _ = _timed([python, "-c", "import kepudraft"])
        drafted, memory = _timed([*command, "draft", facts, "-o", out])
    return [
        Measure("kepudraft --help, whole process", shown, 0.2, "s"),
        Measure("import kepudraft, whole process", imported, 0.05, "s"),
        Measure("draft of the 40-fact example to .docx, cold", drafted, 1.5, "s"),
        Measure("the same, largest memory", memory, 300, "MB"),
    ]


def _timed(command: list[str]) -> tuple[float, float]:
    """Median seconds and largest resident megabytes of a command, which must succeed; one run before does not count."""
    seconds, memory = [], 0.0
    for run in range(_RUNS + 1):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 4):
            raise RuntimeError(f"{command} ended with {process.returncode}: {process.stderr and process.stderr.read()!r}")
        if process.stderr:
            process.stderr.close()
        if run:
            seconds.append(taken)
            memory = max(memory, usage.ru_maxrss / 1000)
    return statistics.median(seconds), memory


def _warm() -> Measure:
    """Drafting and rendering one unit after another in one process."""
    from kepudraft.export import docx
    from kepudraft.facts.intake import yaml_form
    from kepudraft.facts.read import read_facts_from_bytes
    from kepudraft.genre import UnitType
    from kepudraft.pipeline import Drafter

    form = yaml_form(UnitType.MUSEUM, year=2025, filled=True).encode()
    drafter = Drafter()
    times = []
    for _ in range(_RUNS * 4):
        start = time.perf_counter()
        docx.render(drafter.draft(read_facts_from_bytes(form, suffix=".yaml")))
        times.append((time.perf_counter() - start) * 1000)
    return Measure("draft of the 40-fact example to .docx, warm", statistics.median(times[1:]), 50, "ms")


def _verifying() -> list[Measure]:
    """`verify` of drafts against 100 facts: three example sheets as one, every text another one and judged once."""
    from kepudraft.facts.read import read_facts_from_bytes
    from kepudraft.pipeline import Drafter
    from kepudraft.verify.figures import verify

    folder = Path(__file__).parent / "cases" / "facts"
    lines = [line for n in ("01", "02", "03", "04") for path in folder.glob(f"{n}-*.txt") for line in path.read_text("utf-8").splitlines()[2:]]
    facts = "\n".join(["单位：江州市科学技术协会", "年度：2025", *dict.fromkeys(lines)][: _FACTS + 2]).encode()
    sheet = read_facts_from_bytes(facts, suffix=".txt")
    drafts = [Drafter(seed=seed).draft(sheet).text for seed in range(_TEXTS)]
    # Each begins elsewhere, so that no two are alike; the facts' own words stand in all of them, as they would.
    whole = [((d[n * 7 :] + d) * (_TEXT_CHARS // len(d) + 1))[:_TEXT_CHARS] for n, d in enumerate(drafts)]
    parts = [d[n * 11 : n * 11 + _SECTION_CHARS] for n, d in enumerate(drafts)]
    first = [(text, read_facts_from_bytes(facts, suffix=".txt")) for text in whole[: _RUNS * 2]]
    verify(whole.pop(), sheet)

    def median(texts: list[str]) -> float:
        return statistics.median(_milliseconds(lambda text=text: verify(text, sheet)) for text in texts)  # type: ignore[misc]

    against = f"against {len(sheet.facts)} facts"
    return [
        Measure(f"verify {_TEXT_CHARS} characters {against}", median(whole), 5, "ms"),
        Measure(f"the same, {_SECTION_CHARS} characters", median(parts), None, "ms"),
        Measure(
            f"verify {_TEXT_CHARS} characters, the first against its sheet",
            statistics.median(_milliseconds(lambda pair=pair: verify(*pair)) for pair in first), None, "ms",  # type: ignore[misc]
        ),
    ]


def _milliseconds(work: Callable[[], object]) -> float:
    """Processor time, which other programs on the machine disturb less: nothing here waits for anything."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000
