"""The user's corpus: what is added reads back in the strict form, once, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kepudraft.corpus import excerpts, read_corpus
from kepudraft.errors import CorpusError
from kepudraft.genre import Genre
from kepudraft.ingest.store import UserCorpus
from kepudraft.ingest.take import take_in
from tests.conftest import ROOT

CASES = ROOT / "eval" / "cases" / "ingest"
SEEDS = ROOT.parent / "shared" / "seeds"


def add(corpus: UserCorpus, path: Path, genre: Genre) -> list[bool]:
    intake = take_in(path, genre)
    return [corpus.add(intake, taken, genre, added="2026-01-06").new for taken in intake.taken]


@pytest.mark.parametrize("path", sorted(p for p in [*CASES.iterdir(), *SEEDS.glob("*.txt")] if p.suffix != ".toml"), ids=lambda p: p.stem)
def test_every_document_reads_back_as_exemplars(path: Path, tmp_path: Path, genre: Genre):
    corpus = UserCorpus(tmp_path)
    new = add(corpus, path, genre)
    assert all(new)
    exemplars = read_corpus(tmp_path)
    assert len(exemplars) == len(new) == len(corpus.ids())
    assert all(excerpt.text for excerpt in excerpts(exemplars))
    kept = sum(len(s.text) for e in exemplars for s in e.sections)
    read = sum(r["chars"] for r in corpus.records())
    assert kept >= 0.95 * read


def test_adding_twice_changes_nothing_and_removing_undoes(one: Path, tmp_path: Path, genre: Genre):
    corpus = UserCorpus(tmp_path / "own")
    assert add(corpus, one, genre) == [True]
    before = {p: p.read_bytes() for p in corpus.folder.rglob("*") if p.is_file()}
    assert add(corpus, one, genre) == [False]
    assert {p: p.read_bytes() for p in corpus.folder.rglob("*") if p.is_file()} == before
    (name,) = corpus.ids()
    assert corpus.remove(name)
    assert not corpus.remove(name)
    assert [p for p in corpus.folder.rglob("*") if p.is_file()] == []


def test_an_interruption_leaves_no_half_exemplar(one: Path, tmp_path: Path, genre: Genre, monkeypatch: pytest.MonkeyPatch):
    corpus = UserCorpus(tmp_path / "own")

    def interrupted(source: object, target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        add(corpus, one, genre)
    assert corpus.ids() == ()
    assert [p for p in corpus.folder.rglob("*") if p.is_file()] == []


def test_an_id_is_never_a_path(one: Path, tmp_path: Path, genre: Genre):
    corpus = UserCorpus(tmp_path / "own")
    add(corpus, one, genre)
    assert not corpus.remove("../../青石县科协")
    with pytest.raises(CorpusError, match="没有这篇范文"):
        corpus.text("../records/x")
    assert one.exists()


def test_a_file_counts_as_known_only_when_all_its_parts_are_there(tmp_path: Path, genre: Genre):
    corpus = UserCorpus(tmp_path)
    intake = take_in(CASES / "juhe-wenben.txt", genre)
    first, *rest = intake.taken
    corpus.add(intake, first, genre, added="2026-01-06")
    assert corpus.files() == {}
    for taken in rest:
        corpus.add(intake, taken, genre, added="2026-01-06")
    assert corpus.files() == {intake.digest: corpus.ids()}
