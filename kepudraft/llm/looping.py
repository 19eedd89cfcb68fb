"""Notices an answer that says the same over and over."""

from __future__ import annotations

_LONGEST = 400  # characters of a period: three sentences
_REPEATS = 4
_RUN = 120  # characters: a row of dashes or a list of like entries is shorter
_EVERY = 48  # characters between two looks


class LoopWatch:
    """Looks at the end of a growing text now and then."""

    def __init__(self) -> None:
        self._tail = ""
        self._unseen = 0

    def feed(self, piece: str) -> bool:
        """Take a piece; True if the text now ends in a loop."""
        self._tail = (self._tail + piece)[-(_LONGEST * _REPEATS) :]
        self._unseen += len(piece)
        if self._unseen < _EVERY:
            return False
        self._unseen = 0
        return loops(self._tail)


def loops(text: str) -> bool:
    """True if `text` ends in the same words at least four times in a row, over at least 120 characters."""
    text = text.rstrip()
    for period in range(1, min(_LONGEST, len(text) // _REPEATS) + 1):
        run = max(_RUN, _REPEATS * period)
        if len(text) < run:
            return False
        tail = text[-run:]
        if tail[period:] == tail[:-period]:
            return True
    return False
