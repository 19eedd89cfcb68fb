"""What retrieval costs on this machine: cold process to the first hits, memory, warm query, passages a second.

Seconds depend on what else the machine does, so the load is kept beside them; ratios are of runs that take turns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import copyfile, copytree
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from kepudraft.corpus import Excerpt, excerpts, read_corpus
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.bundled import CONFIG, MODEL_FOLDER, TOKENIZER, WEIGHTS, BundledEncoder
from kepudraft.retrieval.encode import Encoder, EncoderId, FloatArray, Side
from kepudraft.retrieval.index import ExemplarIndex, Fingerprint, encoded_text
from kepudraft.retrieval.library import open_index
from kepudraft.retrieval.search import DEPTH, Retriever
from kepudraft.retrieval.vectors import Sizes, Vectors

CORPUS = Path(__file__).parents[1] / "corpus"
SKETCH = Path(__file__).parents[2] / "shared" / "encoder" / "numpy_engine.py"
"""The engine that the bundled one was made from; compared with where it is there."""
SKETCH_NAMES = {"H": "hidden", "FF": "inner", "NL": "layers", "NH": "heads", "MAXP": "max_tokens", "eps": "epsilon",
                "pad": "padding_id"}
MILLION, MILLION_QUERIES, MILLION_RATIO, DIM = 1_000_000, 200, 1.3, 384
RUNS = 5
QUERIES = 20
PASSAGES = 48
COLD_S, COLD_MIB, WARM_MS, PER_SECOND = 0.8, 300.0, 30.0, 24.0
CHARACTERS = 135
"""Of a passage whose encoding is timed: about 100 tokens."""
MORE_IS_BETTER = ("passages_per_s", "engine_by_sketch")
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

    values: Mapping[str, float | str]
    held: bool


def measure_speed(encoder: Encoder) -> Speed:
    """Measure over the shipped corpus and print each value beside its bar."""
    with TemporaryDirectory() as temporary:
        # A copy: an exemplar that is edited meanwhile would have the index built anew inside a cold start.
        corpus, cache = Path(temporary) / "corpus", Path(temporary) / "cache"
        copytree(CORPUS, corpus)
        retriever = Retriever(open_index(corpus, encoder, folder=cache).index, encoder)
        seconds, mebibytes = zip(*(_cold(corpus, cache) for _ in range(RUNS)), strict=True)
    texts = _texts()
    values = {
        "cold_s": round(median(seconds), 3),
        "cold_mib": round(max(mebibytes), 1),
        "warm_ms": round(_warm_ms(retriever), 1),
        "passages_per_s": round(_passages_per_s(encoder, texts), 1),
    }
    bars = {"cold_s": COLD_S, "cold_mib": COLD_MIB, "warm_ms": WARM_MS, "passages_per_s": PER_SECOND}
    if (compared := _sketch_per_s(texts)) is not None:
        values["engine_by_sketch"], bars["engine_by_sketch"] = round(compared[0] / compared[1], 2), 1.0
    held = True
    for name, value in values.items():
        good = value >= bars[name] if name in MORE_IS_BETTER else value <= bars[name]
        print(f"{name:16} {value:8}  bar {bars[name]}{'' if good else ' !'}")
        held = held and good
    values["load_1min"] = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1.0
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


def _texts() -> list[str]:
    long = (encoded_text(excerpt) for excerpt in excerpts(read_corpus(CORPUS)))
    return [text[:CHARACTERS] for text in long if len(text) >= CHARACTERS][:PASSAGES]


def _passages_per_s(encoder: Encoder, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    encoder.encode(texts, side=Side.PASSAGE)
    return len(texts) / (time.perf_counter() - start)



def measure_million(kind: str) -> Speed:
    """Search a million synthetic vectors through the index's class and by the raw FAISS call, by turns.

    Args:
        kind: flat, sq8, hnsw or ivf; hnsw takes many minutes to build.
    """
    sizes = {
        "flat": Sizes(flat=MILLION + 1),
        "sq8": Sizes(flat=1, sq8=MILLION + 1),
        "ivf": Sizes(flat=1, sq8=1, memory=0),
        "hnsw": Sizes(flat=1, sq8=1, memory=1 << 60),
    }[kind]
    rows = _clustered(MILLION + MILLION_QUERIES)
    start = time.perf_counter()
    vectors = Vectors.build(rows[:MILLION], sizes)
    built = time.perf_counter() - start
    passages = [Excerpt(f"x#{number}", "x", UnitType.MUSEUM, Role.OVERVIEW, "", "") for number in range(MILLION)]
    index = ExemplarIndex(passages, vectors, Fingerprint(EncoderId("synthetic", "", DIM), ""))
    taken: dict[str, list[float]] = {"raw": [], "index": []}
    for query in rows[MILLION:]:
        start = time.perf_counter()
        vectors._faiss.search(query[None], DEPTH)
        middle = time.perf_counter()
        index.search(query, DEPTH)
        taken["raw"].append(middle - start)
        taken["index"].append(time.perf_counter() - middle)
    raw, through = (median(taken[name]) * 1000 for name in ("raw", "index"))
    values: dict[str, float | str] = {"vectors": MILLION, "dim": DIM, "asked": kind, "kept": vectors.kind.value, "build_s": round(built, 1),
              "raw_ms": round(raw, 3), "index_ms": round(through, 3), "ratio": round(through / raw, 3)}
    print(values)
    return Speed(values, through / raw <= MILLION_RATIO)


def _clustered(count: int) -> FloatArray:
    """Return unit rows around some thousand centres, as texts of one genre are; shape (count, DIM)."""
    random = np.random.default_rng(1)
    centres = random.standard_normal((4000, DIM), np.float32)
    rows = random.standard_normal((count, DIM), np.float32)
    rows *= np.float32(0.5)
    for start in range(0, count, 100_000):
        rows[start : start + 100_000] += centres[random.integers(4000, size=len(rows[start : start + 100_000]))]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _sketch_per_s(texts: Sequence[str]) -> tuple[float, float] | None:
    """Return texts a second of the bundled encoder and of the sketch it was made from, by turns; None without it."""
    if not SKETCH.is_file():
        return None
    spec = spec_from_file_location("sketch_engine", SKETCH)
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with TemporaryDirectory() as folder:
        for name in (WEIGHTS, TOKENIZER):
            copyfile(MODEL_FOLDER / name, Path(folder) / name)
        config = json.loads((MODEL_FOLDER / CONFIG).read_text(encoding="utf-8"))
        (Path(folder) / CONFIG).write_text(json.dumps({short: config[name] for short, name in SKETCH_NAMES.items()}))
        sketch, ours = module.E5(folder), BundledEncoder()
    taken: dict[str, list[float]] = {"ours": [], "sketch": []}
    for _ in range(RUNS):
        start = time.perf_counter()
        ours.encode(texts, side=Side.PASSAGE)
        middle = time.perf_counter()
        sketch.encode(list(texts), "passage: ")
        taken["ours"].append(middle - start)
        taken["sketch"].append(time.perf_counter() - middle)
    return len(texts) / median(taken["ours"]), len(texts) / median(taken["sketch"])
