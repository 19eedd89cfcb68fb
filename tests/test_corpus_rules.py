from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.corpus import read_corpus
from kepudraft.corpus_rules import Part, faults, load_rules, people
from kepudraft.errors import CorpusError, RuleError

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def told(*texts: str, role: str = "activities") -> list[str]:
    return list(faults([Part(role, "标题", text) for text in texts]))


@pytest.mark.parametrize("text", ["在王建国书记带领下", "请张明馆长主讲", "李小红同志获评先进", "局长刘志强到会讲话" "，", "馆长陈平、副馆长"])
def test_a_name_beside_an_office_is_told(text):
    assert told(text)


def test_people_are_found_by_titles_and_by_words_of_inviting():
    text = "邀请李明作报告，王建国院士主讲，专家陈晓为学生授课，由赵一凡担任评委，馆长张三到会。"
    assert people(text) == ("李明", "王建国", "陈晓", "赵一凡", "张三")


@pytest.mark.parametrize("text", ["由江州市科技馆主办", "由高校教授带队", "聘请方志馆讲解员", "邀请周边学校", "由文化馆承办，特邀各社区"])
def test_inviting_a_body_names_nobody(text):
    assert people(text) == ()


@pytest.mark.parametrize(
    "text",
    ["由街道党委书记任组长", "区科协主席会议研究", "中学校长任科学副校长", "局长高度重视", "馆长办公会每季研究一次", "王某某局长",
     "市科协主席到会", "白鹭洲区委书记", "由副馆长任组长", "石渡镇镇长", "请各会长同台", "江州市市长"],
)  # fmt: skip
def test_an_office_alone_is_no_name(text):
    assert told(text) == []


def test_two_figures_for_the_same_words_are_told():
    assert told("全年接待观众人次共38万人次。", "全年接待观众人次共39万人次。") == ["“全年接待观众人次共”有两个数：38万人次和39万人次"]
    assert told("全年接待观众人次共3,800人次。", "全年接待观众人次共3800人次。") == []
    assert told("讲座12场。", "讲座13场。") == []
    assert told("第一期参加学员共有12人，第二期参加学员共有13人") == []
    assert list(faults([Part("activities", "", "全年举办科普讲座12场"), Part("plans", "", "全年举办科普讲座20场")])) == []


def test_the_corpus_that_ships_is_clean():
    assert len(read_corpus(CORPUS, strict=True)) >= 60


def test_a_strict_reading_names_the_file(tmp_path):
    (tmp_path / "exemplars").mkdir()
    text = (CORPUS / "exemplars" / "sq-shiping-2020.md").read_text(encoding="utf-8").replace("sq-shiping-2020", "x")
    (tmp_path / "exemplars" / "x.md").write_text(text + "\n在王建国书记带领下完成。\n", encoding="utf-8")
    assert len(read_corpus(tmp_path)) == 1
    with pytest.raises(CorpusError, match=r"x\.md：有人名“王建国书记”"):
        read_corpus(tmp_path, strict=True)


def test_a_broken_table_is_told(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[names]\nsurnames = 3\n", encoding="utf-8")
    with pytest.raises(RuleError, match="规则表读不通"):
        load_rules(path)
