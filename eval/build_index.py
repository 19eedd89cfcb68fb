"""Make the index that ships with the corpus: `python -m eval build_index`, after every change of an exemplar."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from kepudraft.corpus import corpus_digest, excerpts, read_corpus
from kepudraft.retrieval.bundled import BundledEncoder
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.library import SHIPPED

CORPUS = Path(__file__).parents[1] / "corpus"


def main(argv: Sequence[str]) -> int:
    """Encode the corpus with the bundled encoder and write its index beside it."""
    parser = argparse.ArgumentParser(prog="python -m eval build_index", description="Make the index of the corpus.")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    corpus: Path = parser.parse_args(argv).corpus
    passages = excerpts(read_corpus(corpus, strict=True))
    index = ExemplarIndex.build(passages, BundledEncoder(), corpus=corpus_digest(corpus))
    index.save(corpus / SHIPPED)
    print(f"{corpus / SHIPPED}: {len(index)} passages")
    return 0
