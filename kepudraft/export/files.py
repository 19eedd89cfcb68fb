"""A finished draft into files, each in the format that its suffix names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kepudraft.assemble import Draft
from kepudraft.errors import ExportError
from kepudraft.export.atomic import check, shown, write_all


def write(draft: Draft, paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """Write the draft to every path: .docx, .md, .txt or .json.

    Returns:
        The paths, in the order given.

    Raises:
        ExportError: A suffix is unknown or a path cannot be written to; all are checked before any is written.
    """
    targets = tuple(Path(path) for path in paths)
    renderers = [_renderer(target) for target in targets]
    # Checked before rendering too: a wrong path should not cost the time of a Word file.
    check(targets)
    write_all({target: render(draft) for target, render in zip(targets, renderers, strict=True)})
    return targets


def rendered(draft: Draft, suffix: str) -> bytes:
    """The content of a file with this suffix (one of `FORMATS`)."""
    return _RENDERERS[suffix](draft)


def _renderer(target: Path) -> Callable[[Draft], bytes]:
    known = "、".join(_RENDERERS)
    try:
        return _RENDERERS[target.suffix.lower()]
    except KeyError:
        what = f"不认识的文件后缀“{shown(target.suffix)}”" if target.suffix else "文件名没有后缀，不知道写成哪种格式"
        raise ExportError(what, place=shown(target), remedy=f"请改用{known}之一") from None


def _docx(draft: Draft) -> bytes:
    from kepudraft.export import docx

    return docx.render(draft)


def _markdown(draft: Draft) -> bytes:
    from kepudraft.export import markdown

    return markdown.render(draft).encode()


def _plain(draft: Draft) -> bytes:
    from kepudraft.export import plain

    return plain.render(draft).encode()


def _records(draft: Draft) -> bytes:
    from kepudraft.export import records

    return records.render(draft).encode()


_RENDERERS: Mapping[str, Callable[[Draft], bytes]] = {
    ".docx": _docx,
    ".md": _markdown,
    ".txt": _plain,
    ".json": _records,
}
FORMATS = tuple(_RENDERERS)
"""Suffixes that a draft can be written with."""
