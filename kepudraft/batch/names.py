"""Names of units -> names of files that every system takes, no two alike.

What a unit calls itself is untrusted: «../../etc», «CON», three hundred characters, two units of one name. A name keeps all
that it can keep, so that a person finds the file; whatever would leave the folder or be refused is replaced.
"""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS = re.compile(r"\s+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)  # Windows keeps these for itself
_MAX_BYTES = 150
"""UTF-8 bytes of a stem: file systems take 255 of a whole name, and room is needed for a number, a suffix and an old copy."""
_MAX_UTF16 = 80  # a path under Windows has 260 in all
_NAMELESS = "未命名单位"


def safe_stem(name: str) -> str:
    """A file name without suffix that is allowed on Windows, macOS and Linux and stays in its folder.

    Args:
        name: What the unit is called; any text.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    text = _BLANKS.sub(" ", _FORBIDDEN.sub("_", text)).strip(" .")
    while text.startswith((".", "~", "-", " ")):  # hidden files, Office's lock files, options of a command
        text = text[1:]
    text = _shortened(text).rstrip(" .")
    if _DEVICE.fullmatch(text):
        text = f"_{text}"
    return text if text.strip("_ ") else _NAMELESS


def folded(stem: str) -> str:
    """What two stems must differ in: Windows and macOS tell no capitals from small letters."""
    return unicodedata.normalize("NFKC", stem).casefold()


def numbered(stem: str, n: int) -> str:
    """The n-th of several units of one name: 梧桐里社区, 梧桐里社区（2）, …"""
    return stem if n == 1 else f"{stem}（{n}）"


def _shortened(text: str) -> str:
    while len(text.encode()) > _MAX_BYTES or len(text.encode("utf-16-le")) > 2 * _MAX_UTF16:
        text = text[:-1]
    return text
