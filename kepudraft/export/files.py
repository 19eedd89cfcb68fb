"""A finished draft into files, each in the format that its suffix names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kepudraft.assemble import Draft
from kepudraft.corpus import Excerpt
from kepudraft.errors import ExportError
from kepudraft.export.atomic import check, shown, write_all


@dataclass(frozen=True, slots=True)
class _Extras:
    """What only some formats show."""

    exemplars: tuple[Excerpt, ...]
    with_table: bool


def write(
    draft: Draft, paths: Iterable[str | Path], *, exemplars: Iterable[Excerpt] = (), with_table: bool = False
) -> tuple[Path, ...]:
    """Write the draft to every path: .docx, .html, .md, .txt or .json.

    Args:
        draft: The draft.
        paths: Where to; the suffix names the format.
        exemplars: Passages that were shown for it: the evidence page (.html) shows their texts.
        with_table: Append the figure table (数据核对表) to a Word file; the evidence page always has it.

    Returns:
        The paths, in the order given.

    Raises:
        ExportError: A suffix is unknown or a path cannot be written to; all are checked before any is written.
    """
    targets = tuple(Path(path) for path in paths)
    renderers = [_renderer(target) for target in targets]
    # Checked before rendering too: a wrong path should not cost the time of a Word file.
    check(targets)
    extras = _Extras(tuple(exemplars), with_table)
    write_all({target: render(draft, extras) for target, render in zip(targets, renderers, strict=True)})
    return targets


def rendered(draft: Draft, suffix: str) -> bytes:
    """The content of a file with this suffix (one of `FORMATS`)."""
    return _RENDERERS[suffix](draft, _Extras((), with_table=False))


def _renderer(target: Path) -> Callable[[Draft, _Extras], bytes]:
    known = "、".join(_RENDERERS)
    try:
        return _RENDERERS[target.suffix.lower()]
    except KeyError:
        what = f"不认识的文件后缀“{shown(target.suffix)}”" if target.suffix else "文件名没有后缀，不知道写成哪种格式"
        raise ExportError(what, place=shown(target), remedy=f"请改用{known}之一") from None


def _docx(draft: Draft, extras: _Extras) -> bytes:
    from kepudraft.export import docx

    return docx.render(draft, with_table=extras.with_table)


def _html(draft: Draft, extras: _Extras) -> bytes:
    from kepudraft.export import html

    return html.render(draft, extras.exemplars).encode()


def _markdown(draft: Draft, _: _Extras) -> bytes:
    from kepudraft.export import markdown

    return markdown.render(draft).encode()


def _plain(draft: Draft, _: _Extras) -> bytes:
    from kepudraft.export import plain

    return plain.render(draft).encode()


def _records(draft: Draft, _: _Extras) -> bytes:
    from kepudraft.export import records

    return records.render(draft).encode()


_RENDERERS: Mapping[str, Callable[[Draft, _Extras], bytes]] = {
    ".docx": _docx,
    ".html": _html,
    ".md": _markdown,
    ".txt": _plain,
    ".json": _records,
}
FORMATS = tuple(_RENDERERS)
"""Suffixes that a draft can be written with."""
