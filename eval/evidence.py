"""The evidence page of a long draft: `python -m eval evidence`. Prints each measure beside its bar; exit code 1 below one.

The draft tells the facts of example units, one after another, as one unit's until it has 5 000 characters; it then holds some
400 figures, several times as many as a summary of that length has. Exemplars of the shipped corpus stand beside its sections. The page is opened
from a file in headless Chromium; the time is from the start of the navigation until its script has run, the median of
five loads in one browser, the first of which counts too. Needs selenium, Chromium and its driver.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.record import RESULTS, save_results
from eval.speed import Measure
from kepudraft.assemble import Draft
from kepudraft.corpus import Excerpt
from kepudraft.errors import FactError
from kepudraft.export import html
from kepudraft.facts.read import read_facts, read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet, Status
from kepudraft.pipeline import Drafter

_CHARS = 5000
_MAX_MS = 1000
_MAX_KB = 500
_LOADS = 5
_LABELS = {Status.DONE: "", Status.PLANNED: "明年：", Status.PROBLEM: "问题："}
_CASES = Path(__file__).parent / "cases" / "facts"


def main(argv: list[str]) -> int:
    """Draft, render, open, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval evidence", description="Measure the evidence page.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    parser.add_argument("--chromium", help="path of the browser; found on the path if not given")
    arguments = parser.parse_args(argv)
    draft, exemplars = long_draft()
    started = time.perf_counter()
    page = html.render(draft, exemplars)
    rendered = (time.perf_counter() - started) * 1000
    loads = _loads(page, arguments.chromium)
    measures = [
        Measure("evidence page, opened in Chromium (median)", statistics.median(loads.ms), _MAX_MS, "ms"),
        Measure("evidence page, opened in Chromium (slowest)", max(loads.ms), _MAX_MS, "ms"),
        Measure("evidence page, size", len(page.encode()) / 1024, _MAX_KB, "KB"),
    ]
    print(f"{len(draft.text)} characters, {len(draft.report.figures)} figures, {len(draft.sheet.facts)} facts, {len(exemplars)} exemplars")
    for m in measures:
        print(f"{m.name:<52} {m.value:>9.1f} {m.unit:<3} bar {m.bar:g} {'ok' if m.held else 'MISSED'}")
    content = {
        "chromium": loads.version, "characters": len(draft.text), "figures": len(draft.report.figures), "facts": len(draft.sheet.facts),
        "exemplars": len(exemplars), "render_ms": round(rendered, 1), "measures": [{**asdict(m), "held": m.held} for m in measures],
    }
    save_results("evidence", content, packages=("selenium",), day=arguments.date, folder=arguments.results)
    return 0 if all(m.held for m in measures) else 1


def long_draft() -> tuple[Draft, list[Excerpt]]:
    """A draft of at least 5 000 characters from the facts of example units, and exemplars for its sections.

    Raises:
        RuntimeError: The facts no longer fill that length.
    """
    from kepudraft.retrieval import open_retriever
    from kepudraft.settings import load_settings

    settings = load_settings()
    with tempfile.TemporaryDirectory() as cache:
        drafter = Drafter(searcher=open_retriever(settings.corpus_dir, cache=Path(cache), encoder=settings.encoder))
        for sheet in _growing():
            draft = drafter.draft(sheet)
            if len(draft.text) >= _CHARS:
                break
        found = drafter.exemplars(drafter.outline(sheet), sheet)
    if len(draft.text) < _CHARS:
        raise RuntimeError(f"the draft has {len(draft.text)} characters, {_CHARS} are needed")
    return draft, [hit.excerpt for part in found for hit in part.hits]


def _growing() -> Iterator[FactSheet]:
    """The facts of two, three … example units as one unit's; a fact that contradicts an earlier unit's is left out."""
    head = ["单位：江州市科学技术协会", "年度：2025"]
    kept: list[str] = []
    for n, path in enumerate(sorted(p for p in _CASES.iterdir() if p.name != "README.md")):
        lines = [
            f"{_LABELS[f.status]}{f.text}" + (f"（上年{f.last}）" if f.last and "、" not in f.last else "") for f in read_facts(path).facts
        ]
        for line in dict.fromkeys(lines):
            try:
                read_facts_from_bytes("\n".join([*head, *kept, line, "讲座1场"]).encode(), suffix=".txt")
            except FactError:
                continue
            kept.append(line)
        if n:
            yield read_facts_from_bytes("\n".join([*head, *kept]).encode(), suffix=".txt")


class _Loads:
    """Milliseconds of every load, and the browser's version."""

    def __init__(self, ms: list[float], version: str) -> None:
        self.ms = ms
        self.version = version


def _loads(page: str, binary: str | None) -> _Loads:
    with tempfile.TemporaryDirectory() as folder, browser(binary) as driver:
        path = Path(folder) / "evidence.html"
        path.write_text(page, encoding="utf-8")
        ms = []
        for _ in range(_LOADS):
            driver.get("about:blank")
            driver.get(path.as_uri())
            if driver.execute_script("return document.querySelectorAll('.js .fig').length") == 0:
                raise RuntimeError("the page's script did not run")
            timing = "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime"
            ms.append(float(driver.execute_script(timing)))
        return _Loads(ms, str(driver.capabilities["browserVersion"]))


@contextmanager
def browser(binary: str | None = None) -> Iterator[Any]:
    """Headless Chromium.

    Raises:
        RuntimeError: There is none on this machine.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    found, driver_path = binary or shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not found or not driver_path:
        raise RuntimeError("Chromium and chromedriver are needed: install chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        yield driver
    finally:
        driver.quit()
