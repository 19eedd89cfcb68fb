"""Takes the thoughts (`<think>…</think>`) out of an answer while it comes, whichever way it is cut into pieces."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class ThoughtFilter:
    """Gives back what is meant for the reader.

    A tag may be split across pieces, so the end of a piece is held back while it could be the beginning of one. Thoughts
    that are never closed go to the end. Some chat templates put `<think>` into the prompt: the answer then holds only the
    closing tag, and all before it was thought, though it has been given out by then; `text` is right all the same.

    Attributes:
        text: What the reader gets of all pieces so far.
        thought: True if there were thoughts.
    """

    def __init__(self) -> None:
        self.text = ""
        self.thought = False
        self._inside = False
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece and return what of it, and of what was held back, the reader may see."""
        self._held += piece
        seen = ""
        while self._held:
            tag = _CLOSE if self._inside else self._first_tag()
            before, found, after = self._held.partition(tag)
            if not found:
                keep = max(_overlap(before, _OPEN), _overlap(before, _CLOSE))
                seen += self._shown(before[: len(before) - keep])
                self._held = before[len(before) - keep :]
                break
            seen += self._shown(before)
            self._turn(tag)
            if tag == _CLOSE and not self.text:
                seen = ""
            self._held = after
        return seen

    def finish(self) -> str:
        """Return what was held back at the end: it was no tag."""
        held, self._held = self._held, ""
        return self._shown(held)

    def _first_tag(self) -> str:
        opening, closing = self._held.find(_OPEN), self._held.find(_CLOSE)
        return _CLOSE if closing >= 0 and (opening < 0 or closing < opening) else _OPEN

    def _turn(self, tag: str) -> None:
        self.thought = True
        if tag == _CLOSE and not self._inside:
            self.text = ""
        self._inside = tag == _OPEN

    def _shown(self, text: str) -> str:
        if self._inside:
            return ""
        # The empty lines between thoughts and answer belong to neither.
        text = text if self.text else text.lstrip()
        self.text += text
        return text


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` begin `tag`."""
    return next((n for n in range(min(len(text), len(tag) - 1), 0, -1) if tag.startswith(text[-n:])), 0)
