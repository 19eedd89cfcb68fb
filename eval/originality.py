"""Exemplars are written in our own words, and unlike each other: `python -m eval originality [--sources FOLDER]`.

Two rules. No run of 16 characters of an exemplar stands in a source text (the titles in originality.toml count as one
character each). No two exemplars share more than a twentieth of their runs of 8 characters. Line breaks and spaces
don't count, source texts in traditional characters are compared in simplified ones. The exit code is 1 where a rule is
broken, and every place is printed.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from unicodedata import normalize

from kepudraft.corpus import exemplar_files

CORPUS = Path(__file__).parents[1] / "corpus"
SOURCES = Path(__file__).parents[2] / "shared" / "seeds"
EXCEPTIONS = Path(__file__).with_suffix(".toml")
SOURCE_RUN = 16
PAIR_RUN = 8
PAIR_SHARE = 0.05
# Titles become single characters of this private area.
_TITLE_BASE = 0xE000


_ATTRIBUTE = re.compile(r"\{role=[a-z]+\}")


def main(argv: Sequence[str]) -> int:
    """Print what is copied; return 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m eval originality", description="Find what exemplars copy.")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    arguments = parser.parse_args(argv)
    exceptions = Exceptions.load(EXCEPTIONS)
    texts = {path.name: read_exemplar(path, exceptions.titles) for path in exemplar_files(arguments.corpus)}
    found = list(alike(texts))
    sources = sorted(arguments.sources.glob("*.txt"))
    if sources:
        found += copied(texts, {path.name: read_source(path, exceptions) for path in sources})
    else:
        print(f"{arguments.sources}: no source texts, exemplars are only compared with each other")
    for place in found:
        print(place)
    print(f"{len(texts)} exemplars, {len(sources)} source texts, {len(found)} places to mend")
    return 1 if found else 0


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What originality.toml holds.

    Attributes:
        titles: May be shared; the longest first, so that none hides in a longer one.
        restored: Wording put in by a converter -> what the writer had.
    """

    titles: tuple[str, ...]
    restored: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Exceptions:
        """Read the table."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        titles = sorted((normalize("NFKC", title) for title in content["titles"]), key=len, reverse=True)
        return cls(tuple(titles), content["restored"])


@dataclass(frozen=True, slots=True)
class Text:
    """A text without spaces, and the line that each of its characters stands on.

    Attributes:
        characters: The text, with titles as single characters.
        lines: As long as the text; numbers from 1.
        titles: The titles that the single characters stand for.
    """

    characters: str
    lines: tuple[int, ...]
    titles: Sequence[str]

    def runs(self, length: int) -> Iterator[str]:
        """Yield every run of that many characters, in order."""
        for start in range(len(self.characters) - length + 1):
            yield self.characters[start : start + length]

    def printed(self, start: int, end: int) -> str:
        """Return a part with its titles written out."""
        names = {chr(_TITLE_BASE + index): title for index, title in enumerate(self.titles)}
        return "".join(names.get(character, character) for character in self.characters[start:end])


def read_exemplar(path: Path, titles: Sequence[str]) -> Text:
    """Read an exemplar without its front matter."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    end = lines.index("---", 1) + 1 if "---" in lines[1:] else 0
    numbered = [(number, _ATTRIBUTE.sub("", line.lstrip("#"))) for number, line in enumerate(lines, 1) if number > end]
    return _text(numbered, titles)


def read_source(path: Path, exceptions: Exceptions) -> Text:
    """Read a source text in simplified characters and the wording of its writer."""
    from opencc import OpenCC

    simplified = OpenCC("t2s").convert(path.read_text(encoding="utf-8-sig"))
    for converted, wording in exceptions.restored.items():
        simplified = simplified.replace(converted, wording)
    return _text(list(enumerate(simplified.splitlines(), 1)), exceptions.titles)


def copied(texts: Mapping[str, Text], sources: Mapping[str, Text]) -> list[str]:
    """Return a sentence for each longest run that an exemplar shares with a source."""
    places: dict[str, str] = {}
    for source, text in sources.items():
        for run in text.runs(SOURCE_RUN):
            places.setdefault(run, source)
    found = []
    for name, text in texts.items():
        starts = [start for start, run in enumerate(text.runs(SOURCE_RUN)) if run in places]
        for start, end in _joined(starts, SOURCE_RUN):
            source = places[text.characters[start : start + SOURCE_RUN]]
            printed = text.printed(start, end)
            found.append(f"{name}:{text.lines[start]}: {end - start} characters of {source}: {printed}")
    return found


def alike(texts: Mapping[str, Text]) -> Iterator[str]:
    """Yield a sentence for each two exemplars that share too many runs."""
    runs = {name: set(text.runs(PAIR_RUN)) for name, text in texts.items()}
    for (first, one), (second, other) in combinations(runs.items(), 2):
        common = one & other
        share = len(common) / max(1, min(len(one), len(other)))
        if share > PAIR_SHARE:
            starts = [start for start, run in enumerate(texts[first].runs(PAIR_RUN)) if run in common]
            start, end = max(_joined(starts, PAIR_RUN), key=lambda span: span[1] - span[0])
            longest = texts[first].printed(start, end)
            yield f"{first}:{texts[first].lines[start]}: {share:.1%} shared with {second}, the longest run: {longest}"


def _text(numbered: Sequence[tuple[int, str]], titles: Sequence[str]) -> Text:
    characters, lines = [], []
    for number, line in numbered:
        squeezed = "".join(normalize("NFKC", line).split())
        for index, title in enumerate(titles):
            squeezed = squeezed.replace(title, chr(_TITLE_BASE + index))
        characters.append(squeezed)
        lines += [number] * len(squeezed)
    return Text("".join(characters), tuple(lines), titles)


def _joined(starts: Sequence[int], length: int) -> list[tuple[int, int]]:
    """Join the runs of one length at ascending `starts` into half-open spans."""
    spans: list[tuple[int, int]] = []
    for start in starts:
        if spans and start <= spans[-1][1] - length + 1:
            spans[-1] = (spans[-1][0], start + length)
        else:
            spans.append((start, start + length))
    return spans
