"""Finds passages of the corpus that show how a section is written. Only this package reaches an index.

`open_retriever` opens everything; `refresh` brings the index of a folder up to date after exemplars were added to it or
removed from it. Heavy packages load inside both, not with this package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # numpy and what stands on it load when a retriever is opened, not with this package.
    from kepudraft.retrieval.encode import Encoder
    from kepudraft.retrieval.search import Retriever

BUNDLED = "bundled"
OPENAI = "openai:"
"""Before the name of a model behind an endpoint."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What bringing an index up to date did.

    Attributes:
        passages: Indexed now.
        encoded: Of these, how many were new.
    """

    passages: int
    encoded: int


def open_retriever(
    corpus: Path,
    *,
    cache: Path,
    user_corpus: Path | None = None,
    encoder: str = BUNDLED,
    notify: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Retriever:
    """Open encoder and index over a corpus folder, and over the user's own exemplars where there are some.

    Args:
        corpus: The corpus folder.
        cache: Folder for indexes that are not shipped.
        user_corpus: A second corpus folder, searched together with the first; None, or a folder without exemplars, for
            none. Where both have an exemplar of one id, the user's is taken.
        encoder: See `open_encoder`.
        notify: Told in Chinese when an index is stale or being built; logged if None.
        progress: Called while an index is built with the passages encoded and those to be encoded.

    Raises:
        CorpusError: A corpus is wrong, or the first is empty.
        SetupError: The encoder cannot be opened.
        ModelError: The endpoint that encodes fails.
    """
    from kepudraft.retrieval.library import open_index
    from kepudraft.retrieval.search import Retriever

    opened = open_encoder(encoder)
    folders = [corpus, *([user_corpus] if user_corpus is not None and _has_exemplars(user_corpus) else [])]
    indexes = [
        open_index(folder, opened, folder=cache, notify=notify, progress=progress).index for folder in folders
    ]
    return Retriever(indexes, opened)


def refresh(
    corpus: Path,
    *,
    cache: Path,
    encoder: str = BUNDLED,
    notify: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Refreshed:
    """Bring the index of a corpus folder up to date, encoding only passages that are new.

    It need not be called: `open_retriever` does the same. It is for a command that adds exemplars and shows progress.
    Interrupted, it keeps what is encoded. Arguments and errors are those of `open_retriever`; a folder without
    exemplars is no error.
    """
    if not _has_exemplars(corpus):
        return Refreshed(0, 0)
    from kepudraft.retrieval.library import open_index

    opened = open_index(corpus, open_encoder(encoder), folder=cache, notify=notify, progress=progress)
    return Refreshed(len(opened.index), opened.encoded)


def open_encoder(name: str = BUNDLED) -> Encoder:
    """Open an encoder.

    Args:
        name: "bundled"; "openai:NAME" for the embeddings of an endpoint, whose address and key stand in OPENAI_BASE_URL
            and OPENAI_API_KEY; else name or path of a sentence-transformers model.

    Raises:
        SetupError: It cannot be opened.
        ModelError: The endpoint fails.
    """
    if name == BUNDLED:
        from kepudraft.retrieval.bundled import BundledEncoder

        return BundledEncoder()
    if name.startswith(OPENAI):
        from kepudraft.retrieval.endpoint import EndpointEncoder

        return EndpointEncoder(name.removeprefix(OPENAI))
    from kepudraft.retrieval.encode import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name)


def _has_exemplars(corpus: Path) -> bool:
    from kepudraft.corpus import EXEMPLARS

    return next((corpus / EXEMPLARS).glob("*.md"), None) is not None
