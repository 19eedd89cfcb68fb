"""Where indexes are kept: one shipped inside a corpus folder, others in the cache, brought up to date when opened.

Cache: a folder a corpus folder, in it one an index by its fingerprint. A new index takes the vectors of unchanged
passages from the one before, so that adding an exemplar costs that exemplar's passages only. Readers of the one before
are not disturbed; those long out of use are removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kepudraft.corpus import Exemplar, corpus_digest, excerpts, read_corpus
from kepudraft.errors import CorpusError, IndexMissing, IndexStale
from kepudraft.retrieval import store
from kepudraft.retrieval.encode import Encoder, FloatArray, Side
from kepudraft.retrieval.index import ExemplarIndex, Fingerprint, Progress, encoded_text

SHIPPED = "index"
"""Folder inside the corpus folder that holds the index made in advance."""
KEPT = 4
"""So many indexes of one corpus folder stay in the cache, whatever encoder made them."""
GRACE_S = 600.0
"""An index used this short a time ago may still be read, and stays."""

_INTERRUPTED = "interrupted"
"""In place of a corpus digest: an index over what was encoded before somebody stopped it."""
_READINGS = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index, and how many passages had to be encoded for it."""

    index: ExemplarIndex
    encoded: int = 0


def open_index(
    corpus: Path,
    encoder: Encoder,
    *,
    folder: Path,
    notify: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Opened:
    """Return the index of a corpus: the one shipped with it, else the cached one, else a new one, then cached.

    Args:
        corpus: The corpus folder.
        encoder: Whose vectors are wanted.
        folder: The cache. One that cannot be written is told, not fatal.
        notify: Told in Chinese why an index is not used and that one is built; logged if None.
        progress: Called as passages are encoded. If it raises, or the person interrupts, what is encoded is kept.

    Raises:
        CorpusError: The corpus is empty or wrong.
    """
    tell = notify or _log.info
    place = cache_of(corpus, folder)
    expected = Fingerprint(encoder.id, corpus_digest(corpus))
    cached = place / expected.digest
    for found in (corpus / SHIPPED, cached):
        try:
            index = ExemplarIndex.load(found, expected)
        except IndexMissing:
            continue
        except IndexStale as error:
            tell(str(error))
            continue
        if found == cached:
            _touch(cached)
        return Opened(index)
    opened = _Builder(corpus, encoder, place, tell, progress).opened()
    _save(opened.index, place, tell)
    prune(place)
    return opened


def cache_of(corpus: Path, folder: Path) -> Path:
    """Return the folder inside the cache that holds the indexes of a corpus folder."""
    return folder / "indexes" / hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:16]


def prune(place: Path, *, now: float | None = None) -> None:
    """Remove indexes beyond the `KEPT` last used, and what broken writers left behind."""
    now = time.time() if now is None else now
    try:
        entries = sorted(((entry.stat().st_mtime, entry) for entry in place.iterdir()), reverse=True)
    except OSError:
        return
    used = [(when, entry) for when, entry in entries if not entry.name.startswith(store.TEMPORARY)]
    left = [(when, entry) for when, entry in entries if entry.name.startswith(store.TEMPORARY)]
    for when, entry in used[KEPT:] + [(when + 24 * 3600 - GRACE_S, entry) for when, entry in left]:
        if now - when > GRACE_S:
            shutil.rmtree(entry, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes one index; knows where earlier ones may be."""

    corpus: Path
    encoder: Encoder
    place: Path
    tell: Callable[[str], None]
    progress: Progress | None

    def opened(self) -> Opened:
        digest, exemplars = _read_unchanging(self.corpus)
        passages = excerpts(exemplars)
        earlier = self._earlier()
        self.tell("正在更新范文索引" if len(earlier) else "正在建立范文索引")
        encoder = _Remembering(self.encoder)
        try:
            index = earlier.updated(passages, encoder, corpus=digest, progress=self.progress)
        except BaseException:
            known = {encoded_text(passage) for passage in earlier.passages} | encoder.rows.keys()
            done = [passage for passage in passages if encoded_text(passage) in known]
            _save(earlier.updated(done, encoder, corpus=_INTERRUPTED), self.place, self.tell)
            raise
        return Opened(index, len(encoder.rows))

    def _earlier(self) -> ExemplarIndex:
        """Return the index last used whose vectors can be used again, else one over nothing."""
        try:
            cached = sorted(self.place.iterdir(), key=lambda entry: (-entry.stat().st_mtime_ns, entry.name))
        except OSError:
            cached = []
        for folder in (*cached, self.corpus / SHIPPED):
            try:
                return ExemplarIndex.load_any(folder, self.encoder.id)
            except (IndexMissing, IndexStale):
                continue
        return ExemplarIndex.build((), self.encoder, corpus="")


class _Remembering:
    """An encoder that keeps what it has encoded, so that an interruption loses none of it."""

    def __init__(self, encoder: Encoder) -> None:
        self.id = encoder.id
        self.rows: dict[str, FloatArray] = {}
        self._encoder = encoder

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`."""
        fresh = [text for text in texts if text not in self.rows]
        if fresh:
            self.rows.update(zip(fresh, self._encoder.encode(fresh, side=side), strict=True))
        return np.stack([self.rows[text] for text in texts])


def _read_unchanging(corpus: Path) -> tuple[str, tuple[Exemplar, ...]]:
    """Return digest and exemplars of one moment, though somebody may be adding some."""
    for _ in range(_READINGS):
        digest = corpus_digest(corpus)
        try:
            exemplars = read_corpus(corpus)
        except OSError:
            continue
        if corpus_digest(corpus) == digest:
            return digest, exemplars
    raise CorpusError("读取时范文一直在变动", place=str(corpus), remedy="请等添加或修改完成后再试")


def _save(index: ExemplarIndex, place: Path, tell: Callable[[str], None]) -> None:
    folder = place / index.fingerprint.digest
    try:
        index.save(folder)
        _touch(folder)
    except OSError as error:
        tell(f"索引未能保存到 {folder}（{error}），下次还要重建")


def _touch(folder: Path) -> None:
    """Mark an index as used now."""
    try:
        os.utime(folder)
    except OSError:
        _log.debug("%s cannot be marked as used", folder)
