"""HTML and SVG elements as text that cannot be broken out of: what is not `Markup` is escaped, always."""

from __future__ import annotations

import html

from kepudraft.export.lines import printable


class Markup(str):
    """Text that is HTML already; only `element` and `joined` make it, and the page from its own files."""

    __slots__ = ()


Content = str | Markup
"""Plain text, which is escaped, or markup, which is not."""

_VOID = frozenset({"br", "col", "meta", "link"})


def escaped(text: str) -> Markup:
    """`text` as HTML shows it; safe between tags and inside a quoted attribute."""
    # Half a surrogate pair, control and direction marks become U+FFFD: no page may hold them.
    return text if isinstance(text, Markup) else Markup(html.escape(printable(text), quote=True))


def joined(*content: Content) -> Markup:
    """All of it, one behind another."""
    return Markup("".join(escaped(c) for c in content))


def element(name: str, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """One element.

    Args:
        name: Tag.
        content: What stands in it.
        attributes: By name, a trailing `_` dropped and `_` written as `-`; None and False are left out, True has no value.
    """
    shown = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inner = "" if name in _VOID else f"{joined(*content)}</{name}>"
    return Markup(f"<{name}{shown}>{inner}")
