from __future__ import annotations

import json

import numpy as np
import pytest

from eval.retrieval_cases import CASES, CORPUS, load_benchmark, load_own
from eval.retrieval_scores import interval, score
from kepudraft.genre import Role


def test_scores_of_a_known_ranking():
    found = score([9, 1, 8, 2], {1: 1.0, 2: 1.0, 3: 1.0})
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert found.ndcg == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / ideal)
    assert (found.recall, found.mrr) == (pytest.approx(2 / 3), 0.5)
    assert score([1, 2], {1: 2.0, 2: 1.0}).ndcg == 1
    assert score([2, 1], {1: 2.0, 2: 1.0}).ndcg < 1
    assert score([], {1: 1.0}) == score([5], {1: 1.0}) == score([1], {})


def test_an_interval_draws_documents_not_queries():
    wide = interval(["a"] * 50 + ["b"] * 50, [0.0] * 50 + [1.0] * 50)
    narrow = interval([str(n) for n in range(100)], [0.0] * 50 + [1.0] * 50)
    assert wide["mean"] == narrow["mean"] == 0.5
    assert (wide["low"], wide["high"]) == (0, 1)
    assert 0.35 < narrow["low"] < narrow["high"] < 0.65


def test_a_paired_interval_of_equal_systems_is_nothing():
    assert interval(["a", "b"], [0.0, 0.0]) == {"mean": 0, "low": 0, "high": 0}


def test_the_own_queries_fit_the_corpus():
    own = load_own()
    counts = {kind: sum(query.kind == kind for query in own.queries) for kind in "abc"}
    assert counts == {"a": 88, "b": 98, "c": 98}
    facts = [query for query in own.queries if query.kind == "b"]
    assert sum(query.held_out for query in facts) * 2 == len(facts)
    for query in facts:
        assert query.relevant
        assert {own.passages[row].role for row in query.relevant} == {query.role}
    topics = json.loads((CASES / "topics.json").read_text(encoding="utf-8"))
    assert set(topics) <= set(Role)


def test_a_label_of_a_passage_that_is_gone_is_told(tmp_path):
    (tmp_path / "topics.json").write_text('{"youth": {"x": ["no-such#1"]}}', encoding="utf-8")
    line = {"doc": "d", "half": "tuning", "unit_type": "学校", "role": "youth", "topic": "x", "facts": "社团"}
    (tmp_path / "queries.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(KeyError, match="no-such"):
        load_own(CORPUS, tmp_path)


def test_a_benchmark_leaves_out_the_querys_own_document(tmp_path):
    content = {
        "passages": [
            {"id": "p", "doc": "one", "roles": ["AC"], "text": "讲座"},
            {"id": "q", "doc": "two", "roles": ["AC", "YO"], "text": "社团"},
        ],
        "queries": [{"kind": "b", "doc": "one", "query": "讲座", "roles": ["YO"], "relevant": {"q": 1, "p": 0}}],
    }
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    benchmark = load_benchmark(path)
    (query,) = benchmark.queries
    assert query.relevant == {1: 1.0}
    assert benchmark.candidates(query).tolist() == [False, True]
    assert benchmark.in_role(query).tolist() == [False, True]
