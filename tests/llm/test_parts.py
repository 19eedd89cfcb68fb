"""Thoughts, loops, words of failures, keys: the parts that need no server."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.errors import RuleError
from kepudraft.llm.looping import LoopWatch, loops
from kepudraft.llm.quirks import refused_parameter
from kepudraft.llm.secret import Secret
from kepudraft.llm.thoughts import ThoughtFilter
from kepudraft.llm.wording import load_wording
from tests.conftest import ROOT

PROSE = st.text(st.sampled_from("科普讲座24场，。<>/thinkTHINK \n"), max_size=40)


@given(st.lists(st.tuples(PROSE.filter(lambda t: "<think>" not in t and "</think>" not in t), PROSE), max_size=4), st.data())
def test_what_is_seen_does_not_depend_on_the_cuts(parts, data):
    text = "".join(f"{seen}<think>{thought.replace('</think>', '')}</think>" for seen, thought in parts)
    whole, pieces = ThoughtFilter(), ThoughtFilter()
    shown = whole.feed(text) + whole.finish()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spread = "".join(pieces.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)) + pieces.finish()
    assert spread == shown == whole.text == pieces.text


@given(st.text(max_size=60).filter(lambda t: "<think>" not in t and "</think>" not in t))
def test_what_holds_no_thoughts_is_seen_whole(text):
    seen = ThoughtFilter()
    assert seen.feed(text) + seen.finish() == text.lstrip()


@given(st.text(min_size=1, max_size=100).filter(str.strip), st.text(max_size=50))
def test_every_period_is_found(period, before):
    assert loops(before + period * (2 + max(4, 400 // len(period))))


def test_prose_is_no_loop():
    for path in (ROOT / "corpus" / "exemplars").glob("*.md"):
        text, watch = path.read_text("utf-8"), LoopWatch()
        assert not any(watch.feed(text[at : at + 7]) for at in range(0, len(text), 7)), path.name


@pytest.mark.parametrize("text", ["", "讲座" * 20, "一是讲座；二是展览；三是培训；四是比赛。" * 2, "-" * 100, "| 讲座 | 24 |\n| 展览 | 3 |\n" * 3])
def test_what_is_short_is_no_loop(text):
    assert not loops(text)


@pytest.mark.parametrize(("text", "param", "sent", "name"), [
    ("unknown field", "seed", {"seed"}, "seed"),
    ("Unsupported parameter: seedling", None, {"seed"}, ""),
    ("seed: 7 was fine", None, {"seed"}, ""),
    ("stream_options is not supported", None, {"stream", "stream_options"}, "stream_options"),
    ("extra_forbidden loc: ('body', 'top_k') input: {'seed': 7} not permitted", None, {"seed"}, ""),
    ("Use 'max_completion_tokens': max_tokens is not supported", None, {"max_tokens"}, "max_tokens"),
])
def test_the_parameter_that_is_refused_is_found(text, param, sent, name):
    assert refused_parameter(text, param, sent) == name


def test_the_words_of_each_kind_are_of_that_kind_alone():
    wording = load_wording()
    for kind, words in wording.failures.items():
        for word in words:
            found = [other for other, others in wording.failures.items() if other != kind and any(o in word for o in others)]
            assert not found, (word, kind, found)


@pytest.mark.parametrize(("answer", "declines"), [
    ("很抱歉，我不能", True), ("“抱歉", True), ("As an AI language model", True), ("举办讲座24场。", False), ("全年无重大抱歉事项", False),
])
def test_answers_that_decline_are_told_by_their_beginning(answer, declines):
    assert load_wording().declines(answer) is declines


@pytest.mark.parametrize(("change", "place"), [
    (('model = [', 'model = ["", '), "wording.toml:"), (('[answers]', '[replies]'), "declined"), (('refused = [', 'refused = 5 # ['), "wording.toml"),
])
def test_spoiled_lists_of_words_are_told_with_their_place(tmp_path: Path, change, place):
    text = (ROOT / "kepudraft" / "llm" / "wording.toml").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "wording.toml").write_text(text.replace(*change), "utf-8")
    with pytest.raises(RuleError, match=place):
        load_wording(tmp_path / "wording.toml")


@given(st.text(st.sampled_from("abcdef0123456789-_"), min_size=8, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_no_text_shows_a_key(key, before, after):
    secret = Secret("K", {"K": key})
    masked = secret.masked(f"{before}{key}{after}")
    assert key not in masked
    assert key not in repr(secret)
    cut = secret.masked(f"{before} {key[:7]}****{key[-4:]} {after}")
    assert key[:7] not in cut.replace(before, "").replace(after, "")
