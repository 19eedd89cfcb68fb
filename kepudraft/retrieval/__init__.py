"""Finds passages of the corpus that show how a section is written. Only this package reaches an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # numpy and what stands on it load when a retriever is opened, not with this package.
    from kepudraft.retrieval.encode import Encoder
    from kepudraft.retrieval.search import Retriever

BUNDLED = "bundled"


def open_retriever(
    corpus: Path,
    *,
    cache: Path,
    encoder: str = BUNDLED,
    notify: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Retriever:
    """Open encoder and index over a corpus folder, building the index where there is none that fits.

    Args:
        corpus: The corpus folder.
        cache: Folder for indexes that are not shipped.
        encoder: "bundled", or the name or path of a sentence-transformers model.
        notify: Told in Chinese when an index is stale or being built; logged if None.
        progress: Called while an index is built with the passages done and in all.

    Raises:
        CorpusError: The corpus is empty or wrong.
        SetupError: The encoder cannot be opened.
    """
    from kepudraft.retrieval.index import open_index
    from kepudraft.retrieval.search import Retriever

    opened = open_encoder(encoder)
    return Retriever(open_index(corpus, opened, folder=cache, notify=notify, progress=progress), opened)


def open_encoder(name: str = BUNDLED) -> Encoder:
    """Open the bundled encoder, or any sentence-transformers model by name or path.

    Raises:
        SetupError: It cannot be opened.
    """
    if name == BUNDLED:
        from kepudraft.retrieval.bundled import BundledEncoder

        return BundledEncoder()
    from kepudraft.retrieval.encode import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name)
