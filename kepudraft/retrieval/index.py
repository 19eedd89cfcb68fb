"""The index over exemplar passages: FAISS vectors, the passages beside them, and what both were made from.

A folder holds three files: `vectors.faiss`, `passages.jsonl` (row n is vector n) and `manifest.json` with the
`Fingerprint` and the SHA-256 of the other two. Nothing is parsed before its hash is checked, and nothing is unpickled.
A folder appears whole or not at all: it is written beside its place and renamed. In the cache each fingerprint has a
folder of its own, so that readers of an older corpus are never disturbed by a writer of the new one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from kepudraft.corpus import Excerpt, corpus_digest, excerpts, read_corpus
from kepudraft.errors import IndexMissing, IndexStale
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.encode import Encoder, EncoderId, FloatArray, Side

FORMAT = 1
"""To be raised when passages are cut or written in another way: older indexes are then rebuilt."""
SHIPPED = "index"
"""Folder inside the corpus folder that holds the index made in advance."""
MANIFEST, VECTORS, PASSAGES = "manifest.json", "vectors.faiss", "passages.jsonl"

_BATCH = 64
_REBUILD = "请重新建立索引"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was made from; two indexes with the same one are interchangeable.

    Attributes:
        encoder: The encoder, with its prefixes.
        corpus: SHA-256 of the exemplar files.
        format: Of the passages and files.
    """

    encoder: EncoderId
    corpus: str
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """A short name for it: 16 hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


class ExemplarIndex:
    """Passages and their vectors, in memory.

    Args:
        passages: In the order of the vectors.
        vectors: A FAISS index over inner products, one vector a passage.
        fingerprint: What both were made from.
    """

    def __init__(self, passages: Sequence[Excerpt], vectors: Any, fingerprint: Fingerprint) -> None:  # noqa: ANN401
        self.passages = tuple(passages)
        self.fingerprint = fingerprint
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self.passages)

    @classmethod
    def build(
        cls,
        passages: Sequence[Excerpt],
        encoder: Encoder,
        *,
        corpus: str,
        progress: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Encode passages and index them.

        Args:
            passages: What to index; heading and text are encoded together.
            encoder: Makes the vectors.
            corpus: Digest of the corpus they come from, for the fingerprint.
            progress: Called with the number of passages done and of all.
        """
        rows = np.zeros((len(passages), encoder.id.dim), np.float32)
        for start in range(0, len(passages), _BATCH):
            texts = [encoded_text(passage) for passage in passages[start : start + _BATCH]]
            rows[start : start + _BATCH] = encoder.encode(texts, side=Side.PASSAGE)
            if progress is not None:
                progress(start + len(texts), len(passages))
        return cls(passages, _faiss_index(rows), Fingerprint(encoder.id, corpus))

    @classmethod
    def load(cls, folder: Path, expected: Fingerprint) -> Self:
        """Read an index that must have been made from what `expected` says.

        Raises:
            IndexMissing: There is none in that folder.
            IndexStale: It was made from something else, or is damaged.
        """
        manifest = _manifest(folder)
        _check_fingerprint(folder, manifest.get("fingerprint"), expected)
        _check_files(folder, manifest.get("sha256"))
        passages = _read_passages(folder)
        vectors = _read_vectors(folder)
        if vectors.ntotal != len(passages) or vectors.d != expected.encoder.dim:
            raise _stale(folder, f"索引有{vectors.ntotal}个向量，却有{len(passages)}个段落")
        return cls(passages, vectors, expected)

    def save(self, folder: Path) -> None:
        """Write the index to `folder`, whole or not at all.

        An older or damaged one there is replaced; an intact one with the same fingerprint is kept, since others may
        be reading it.

        Raises:
            OSError: The place cannot be written.
        """
        import faiss

        if _intact(folder, self.fingerprint):
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".index-") as temporary:
            fresh = Path(temporary) / "new"
            fresh.mkdir()
            faiss.write_index(self._vectors, str(fresh / VECTORS))
            (fresh / PASSAGES).write_text(_lines(self.passages), encoding="utf-8", newline="\n")
            manifest = {
                "fingerprint": asdict(self.fingerprint),
                "sha256": {name: _file_sha256(fresh / name) for name in (VECTORS, PASSAGES)},
            }
            text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
            (fresh / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
            _put_in_place(fresh, folder, Path(temporary) / "old")

    def search(self, vector: FloatArray, among: Sequence[int], k: int) -> list[int]:
        """Return the rows nearest to a vector, the nearest first.

        Args:
            vector: The query, shape (dim,), length 1.
            among: Rows that may be found.
            k: At most so many.
        """
        import faiss

        if not among or k < 1:
            return []
        rows_allowed = faiss.IDSelectorBatch(np.asarray(among, np.int64))
        selected = faiss.SearchParameters(sel=rows_allowed)  # type: ignore[call-arg]
        scores, rows = self._vectors.search(vector[None], min(k, len(among)), params=selected)
        # FAISS leaves the order of equal scores open; the row decides.
        order = sorted((-float(score), int(row)) for score, row in zip(scores[0], rows[0], strict=True) if row >= 0)
        return [row for _, row in order]

    def vectors(self) -> FloatArray:
        """Return all vectors, shape (passages, dim)."""
        return np.asarray(self._vectors.reconstruct_n(0, len(self)), np.float32)


def open_index(
    corpus: Path,
    encoder: Encoder,
    *,
    folder: Path,
    notify: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ExemplarIndex:
    """Return the index of a corpus: the one shipped with it, else the cached one, else a new one, then cached.

    Args:
        corpus: The corpus folder.
        encoder: Whose vectors are wanted.
        folder: The cache; each fingerprint has a sub-folder. A cache that cannot be written is told, not fatal.
        notify: Told in Chinese why an index is not used and that one is built; logged if None.
        progress: See `ExemplarIndex.build`.

    Raises:
        CorpusError: The corpus is empty or wrong.
    """
    tell = notify or _log.info
    expected = Fingerprint(encoder.id, corpus_digest(corpus))
    cached = folder / expected.digest
    for place in (corpus / SHIPPED, cached):
        try:
            return ExemplarIndex.load(place, expected)
        except IndexMissing:
            continue
        except IndexStale as error:
            tell(str(error))
    tell("正在建立范文索引")
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus=expected.corpus, progress=progress)
    try:
        index.save(cached)
    except OSError as error:
        tell(f"索引未能保存到 {cached}（{error}），下次还要重建")
    return index


def encoded_text(passage: Excerpt) -> str:
    """Return what of a passage is searched: its heading and its text."""
    return f"{passage.heading}\n{passage.text}" if passage.heading else passage.text


def _faiss_index(rows: FloatArray) -> Any:  # noqa: ANN401 - faiss has no types
    import faiss

    # Exact: up to 50 000 passages a query takes at most 3.5 ms, and the whole genre has fewer.
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return index


def _stale(folder: Path, what: str) -> IndexStale:
    return IndexStale(what, place=str(folder), remedy=_REBUILD)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexMissing("这里没有索引", place=str(folder), remedy=_REBUILD) from error
    except (OSError, ValueError) as error:
        raise _stale(folder, f"索引文件 {MANIFEST} 已损坏") from error
    if not isinstance(manifest, dict):
        raise _stale(folder, f"索引文件 {MANIFEST} 已损坏")
    return manifest


def _check_fingerprint(folder: Path, found: object, expected: Fingerprint) -> None:
    wanted = asdict(expected)
    if found == wanted:
        return
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _stale(folder, "索引是其他版本建立的")
    if found.get("encoder") != wanted["encoder"]:
        raise _stale(folder, "索引是用另一个编码模型建立的")
    raise _stale(folder, "索引建立之后范文有改动")


def _check_files(folder: Path, expected: object) -> None:
    for name in (VECTORS, PASSAGES):
        if not isinstance(expected, dict) or _file_sha256(folder / name) != expected.get(name):
            raise _stale(folder, f"索引文件 {name} 已损坏")


def _intact(folder: Path, expected: Fingerprint) -> bool:
    try:
        manifest = _manifest(folder)
        _check_fingerprint(folder, manifest.get("fingerprint"), expected)
        _check_files(folder, manifest.get("sha256"))
    except (IndexMissing, IndexStale):
        return False
    return True


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _read_passages(folder: Path) -> list[Excerpt]:
    try:
        lines = (folder / PASSAGES).read_text(encoding="utf-8").split("\n")
        rows = [json.loads(line) for line in lines if line]
        return [
            Excerpt(**{**row, "unit_type": UnitType(row["unit_type"]), "role": Role(row["role"])}) for row in rows
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _stale(folder, f"索引文件 {PASSAGES} 读不懂") from error


def _read_vectors(folder: Path) -> Any:  # noqa: ANN401 - faiss has no types
    import faiss

    try:
        return faiss.read_index(str(folder / VECTORS))
    except RuntimeError as error:
        raise _stale(folder, f"索引文件 {VECTORS} 读不懂") from error


def _lines(passages: Sequence[Excerpt]) -> str:
    return "".join(json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in passages)


def _put_in_place(fresh: Path, folder: Path, old: Path) -> None:
    """Rename `fresh` to `folder`; what is there already, damaged or the same from another writer, goes to `old`."""
    if folder.exists():
        try:
            os.replace(folder, old)
        except FileNotFoundError:
            _log.debug("another writer moved %s away", folder)
    try:
        os.replace(fresh, folder)
    except OSError:
        # Another writer was quicker by a moment; its index has the same fingerprint.
        if not (folder / MANIFEST).is_file():
            raise
    shutil.rmtree(old, ignore_errors=True)
