"""Names of units become names of files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.batch.names import folded, numbered, safe_stem


@pytest.mark.parametrize(("name", "stem"), [
    ("梧桐里社区", "梧桐里社区"),
    ("../../etc/passwd", "_.._etc_passwd"),
    ("CON", "_CON"), ("com1.市科协", "_com1.市科协"), ("nul", "_nul"),
    ("a/b\\c:d*e?f", "a_b_c_d_e_f"),
    ("  江州市\n科协 ", "江州市 科协"),
    (".hidden", "hidden"), ("-rf", "rf"), ("~$总结", "$总结"),
    ("", "未命名单位"), ("...", "未命名单位"), ("\u202e\u200b", "未命名单位"), ("///", "未命名单位"),
])
def test_what_a_name_becomes(name: str, stem: str):
    assert safe_stem(name) == stem


def test_a_long_name_leaves_room_for_number_suffix_and_an_old_copy():
    stem = numbered(safe_stem("科" * 300), 12)
    assert len(f"{stem}-改过-12345678.docx".encode()) <= 255


@given(st.text(max_size=400))
def test_any_text_becomes_a_file_that_can_be_written_into_its_folder(tmp_path_factory: pytest.TempPathFactory, name: str):
    folder = tmp_path_factory.getbasetemp()
    stem = safe_stem(name)
    path = folder / f"{stem}.md"
    assert path.resolve().parent == folder.resolve()
    assert not any(c in stem for c in '\\/:*?"<>|\0\n')
    assert unicodedata.is_normalized("NFC", stem)
    path.write_bytes(b"x")
    path.unlink()


def test_names_that_windows_takes_for_one_fold_to_one():
    assert folded("ABC馆") == folded("abc馆")
    assert folded("Ａ馆") == folded("a馆")
