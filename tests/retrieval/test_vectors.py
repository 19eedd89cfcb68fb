from __future__ import annotations

import faiss
import numpy as np
import pytest

from kepudraft.retrieval.vectors import RECALL, Kind, Sizes, Vectors

SIZES = {
    Kind.FLAT: Sizes(),
    Kind.SQ8: Sizes(flat=10),
    Kind.HNSW: Sizes(flat=10, sq8=20, memory=1 << 40),
    Kind.IVF: Sizes(flat=10, sq8=20, memory=0),
}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    random = np.random.default_rng(3)
    centres = random.standard_normal((30, 32), np.float32)
    rows = centres[random.integers(30, size=1500)] + np.float32(0.4) * random.standard_normal((1500, 32), np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_structure_is_chosen_by_size_and_memory():
    sizes = Sizes(memory=1 << 40)
    assert [sizes.kind(n, 384) for n in (0, 49_999, 50_000, 299_999, 300_000)] == [
        Kind.FLAT, Kind.FLAT, Kind.SQ8, Kind.SQ8, Kind.HNSW,
    ]  # fmt: skip
    assert Sizes(memory=1_000_000_000).kind(1_000_000, 384) is Kind.IVF
    assert Sizes().kind(1_000_000_000, 384) is Kind.IVF


@pytest.mark.parametrize("kind", SIZES)
def test_every_structure_finds_what_flat_finds(rows, kind):
    vectors = Vectors.build(rows, SIZES[kind])
    assert vectors.kind is kind
    among = np.arange(len(rows)) % 7 == 0
    hits = total = 0
    for query in rows[:40]:
        for mask in (None, among):
            exact = np.argsort(-(rows @ query) - (0 if mask is None else 2 * mask), kind="stable")[:10]
            found = vectors.nearest(query, 10, mask)
            assert mask is None or mask[found.rows].all()
            assert (np.diff(found.scores) <= 0).all()
            hits += len(set(exact) & set(found.rows))
            total += 10
    assert hits / total >= RECALL


@pytest.mark.parametrize("kind", SIZES)
def test_a_file_is_read_back_as_its_kind_and_no_other(rows, kind, tmp_path):
    path = tmp_path / "v.faiss"
    vectors = Vectors.build(rows, SIZES[kind])
    vectors.write(path)
    again = Vectors.read(path, kind=kind, built=vectors.built)
    for query in rows[:5]:
        np.testing.assert_array_equal(again.nearest(query, 9).rows, vectors.nearest(query, 9).rows)
    for other in set(Kind) - {kind}:
        with pytest.raises(ValueError, match="not an index of kind"):
            Vectors.read(path, kind=other, built=vectors.built)
    with pytest.raises(ValueError, match="not an index"):
        Vectors.read(path, kind=kind, built=len(rows) + 1)


@pytest.mark.parametrize("kind", SIZES)
def test_added_rows_are_found_and_the_original_stays(rows, kind):
    vectors = Vectors.build(rows[:1400], SIZES[kind])
    grown = vectors.extended(rows[1400:])
    assert (len(vectors), len(grown)) == (1400, 1500)
    assert grown.nearest(rows[1450], 1).rows.tolist() == [1450]
    np.testing.assert_allclose(grown.rows(np.array([1450, 3])), rows[[1450, 3]], atol=0.02)
    assert not grown.worn(1500)
    assert grown.worn(1200)


def test_what_finds_too_little_stays_flat(monkeypatch):
    """Pure noise has no neighbourhoods: few lists of IVF hold few of the nearest."""
    random = np.random.default_rng(4)
    noise = random.standard_normal((3000, 64), np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    monkeypatch.setattr("kepudraft.retrieval.vectors._LISTS_PROBED", 1)
    monkeypatch.setattr("kepudraft.retrieval.vectors._DOUBLINGS", 2)
    assert Vectors.build(noise, SIZES[Kind.IVF]).kind is Kind.FLAT


def test_nothing_wanted_or_allowed_finds_nothing(rows):
    vectors = Vectors.build(rows)
    assert vectors.nearest(rows[0], 0).rows.size == 0
    assert vectors.nearest(rows[0], 5, np.zeros(len(rows), np.bool_)).rows.size == 0
    assert isinstance(vectors._faiss, faiss.IndexFlat)
