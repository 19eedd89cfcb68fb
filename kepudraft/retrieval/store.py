"""An index as files: `vectors.faiss`, `passages.jsonl`, and `manifest.json` with what they were made from.

Nothing is parsed before its hash is checked, and nothing is unpickled. A folder appears whole or not at all: it is
written beside its place and renamed. One that others may be reading is never written to.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kepudraft.corpus import Excerpt
from kepudraft.errors import IndexMissing, IndexStale
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.vectors import Kind, Rows, Vectors

MANIFEST, VECTORS, PASSAGES = "manifest.json", "vectors.faiss", "passages.jsonl"
TEMPORARY = ".index-"
"""How the name of a folder begins that is still being written."""

_REBUILD = "请重新建立索引"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is kept of an index.

    Attributes:
        passages: In the order of their ids.
        vectors: At least one a passage, whatever the order.
        rows: Which vector is each passage's, shape (passages,).
    """

    passages: tuple[Excerpt, ...]
    vectors: Vectors
    rows: Rows


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read and check the manifest of an index.

    Raises:
        IndexMissing: There is no index in that folder.
        IndexStale: It is damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexMissing("这里没有索引", place=str(folder), remedy=_REBUILD) from error
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, MANIFEST) from error
    if not isinstance(manifest, dict):
        raise _damaged(folder, MANIFEST)
    return manifest


def check_fingerprint(folder: Path, manifest: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse an index that was made from something else.

    Raises:
        IndexStale: It was; the message says from what.
    """
    found = manifest.get("fingerprint")
    if found == wanted:
        return
    if not isinstance(found, dict) or found.get("format") != wanted["format"]:
        raise _stale(folder, "索引是其他版本建立的")
    if found.get("encoder") != wanted["encoder"]:
        raise _stale(folder, "索引是用另一个编码模型建立的")
    raise _stale(folder, "索引建立之后范文有改动")


def corpus_of(manifest: Mapping[str, Any]) -> str:
    """Return the digest of the corpus that an index was made from; "" if the manifest has none."""
    found = manifest.get("fingerprint")
    return str(found.get("corpus", "")) if isinstance(found, dict) else ""


def read_contents(folder: Path, manifest: Mapping[str, Any], *, dim: int) -> Contents:
    """Read vectors and passages.

    Raises:
        IndexStale: They are damaged, or don't belong together.
    """
    if manifest.get("self") != _sha256(manifest):
        raise _damaged(folder, MANIFEST)
    _check_files(folder, manifest)
    try:
        structure = manifest["vectors"]
        vectors = Vectors.read(folder / VECTORS, kind=Kind(structure["kind"]), built=int(structure["built"]))
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        raise _stale(folder, f"索引文件 {VECTORS} 读不懂") from error
    passages, rows = _read_passages(folder)
    if vectors.dim != dim or len(set(rows)) > len(vectors) or any(not 0 <= row < len(vectors) for row in rows):
        raise _stale(folder, f"索引有{len(vectors)}个向量，却有{len(passages)}个段落")
    return Contents(passages, vectors, np.asarray(rows, np.int64))


def save(folder: Path, fingerprint: Mapping[str, Any], contents: Contents) -> None:
    """Write an index, whole or not at all; an intact one with the same fingerprint is kept.

    Raises:
        OSError: The place cannot be written.
    """
    if _intact(folder, fingerprint):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=TEMPORARY) as temporary:
        fresh = Path(temporary) / "new"
        fresh.mkdir()
        contents.vectors.write(fresh / VECTORS)
        (fresh / PASSAGES).write_text(_lines(contents), encoding="utf-8", newline="\n")
        manifest: dict[str, Any] = {
            "fingerprint": fingerprint,
            "vectors": {"kind": contents.vectors.kind, "built": contents.vectors.built},
            "sha256": {name: _file_sha256(fresh / name) for name in (VECTORS, PASSAGES)},
        }
        manifest["self"] = _sha256(manifest)
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (fresh / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
        _put_in_place(fresh, folder, Path(temporary) / "old")


def _stale(folder: Path, what: str) -> IndexStale:
    return IndexStale(what, place=str(folder), remedy=_REBUILD)


def _damaged(folder: Path, name: str) -> IndexStale:
    return _stale(folder, f"索引文件 {name} 已损坏")


def _sha256(manifest: Mapping[str, Any]) -> str:
    """Return the hash of a manifest without its own."""
    others = {key: value for key, value in manifest.items() if key != "self"}
    return hashlib.sha256(json.dumps(others, sort_keys=True).encode()).hexdigest()


def _check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    expected = manifest.get("sha256")
    for name in (VECTORS, PASSAGES):
        if not isinstance(expected, dict) or _file_sha256(folder / name) != expected.get(name):
            raise _damaged(folder, name)


def _intact(folder: Path, fingerprint: Mapping[str, Any]) -> bool:
    try:
        manifest = read_manifest(folder)
        check_fingerprint(folder, manifest, fingerprint)
        _check_files(folder, manifest)
    except (IndexMissing, IndexStale):
        return False
    return manifest.get("self") == _sha256(manifest)


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _read_passages(folder: Path) -> tuple[tuple[Excerpt, ...], list[int]]:
    passages, rows = [], []
    try:
        for line in (folder / PASSAGES).read_text(encoding="utf-8").split("\n"):
            if line:
                values = json.loads(line)
                rows.append(int(values.pop("row")))
                values["unit_type"], values["role"] = UnitType(values["unit_type"]), Role(values["role"])
                values["also"] = Role(values["also"]) if "also" in values else None
                passages.append(Excerpt(**values))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _stale(folder, f"索引文件 {PASSAGES} 读不懂") from error
    return tuple(passages), rows


def _lines(contents: Contents) -> str:
    rows = zip(contents.passages, contents.rows, strict=True)
    return "".join(json.dumps(_values(passage) | {"row": int(row)}, ensure_ascii=False) + "\n" for passage, row in rows)


def _values(passage: Excerpt) -> dict[str, Any]:
    """Return what is kept of a passage; a second role only where there is one, so that older indexes are read alike."""
    values = asdict(passage)
    if passage.also is None:
        del values["also"]
    return values


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
