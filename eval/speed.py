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
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.record import RESULTS, save_results

_RUNS = 5
_FACTS = 100
_TEXT_CHARS = 3000


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure and the bar that it must not exceed."""

    name: str
    value: float
    bar: float
    unit: str

    @property
    def held(self) -> bool:
        """True if the bar is held."""
        return self.value <= self.bar


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval speed", description="Measure speed.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    measures = [*_processes(), _warm(), _verifying()]
    for m in measures:
        print(f"{m.name:<52} {m.value:>9.3f} {m.unit:<3} bar {m.bar:g} {'ok' if m.held else 'MISSED'}")
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


def _verifying() -> Measure:
    """`verify` of a draft of 3 000 characters against 100 facts: three example sheets as one."""
    from kepudraft.facts.read import read_facts_from_bytes
    from kepudraft.pipeline import Drafter
    from kepudraft.verify.figures import verify

    folder = Path(__file__).parent / "cases" / "facts"
    lines = [line for n in ("01", "02", "03", "04") for path in folder.glob(f"{n}-*.txt") for line in path.read_text("utf-8").splitlines()[2:]]
    facts = "\n".join(["单位：江州市科学技术协会", "年度：2025", *dict.fromkeys(lines)][: _FACTS + 2])
    sheet = read_facts_from_bytes(facts.encode(), suffix=".txt")
    text = Drafter().draft(sheet).text
    text = (text * (_TEXT_CHARS // len(text) + 1))[:_TEXT_CHARS]
    times = []
    for _ in range(_RUNS * 4):
        start = time.perf_counter()
        verify(text, sheet)
        times.append((time.perf_counter() - start) * 1000)
    return Measure(f"verify 3 000 characters against {len(sheet.facts)} facts", statistics.median(times[1:]), 5, "ms")
