"""Whole sessions: lines in, what is shown out."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from kepudraft.compose.passage import Origin
from kepudraft.errors import ModelUnavailable
from kepudraft.session.work import Asked, Step
from kepudraft.verify.figures import verify
from tests.session.conftest import ANSWERS

GOLDEN = Path(__file__).parent / "golden"


def test_from_an_empty_folder_to_a_word_file_by_answering(sit, tmp_path: Path):
    sitting = sit()
    sitting.begin()
    lines = [*ANSWERS, "", "", "全部", "/export 总结.docx"]
    sitting.say(*lines)
    assert len(lines) <= 25
    text = "\n".join(p.text for p in Document(str(tmp_path / "总结.docx")).paragraphs)
    assert "举办科普讲座24场次，较上年增加4场次" in text
    assert "2026年1月6日" in text
    assert verify(text, sitting.work.sheet).ok


def test_the_transcript_golden(sit, golden_file):
    sitting = sit()
    sitting.begin()
    for line in [*ANSWERS, "", "F3 改为 26场", "", "移动 3 到 2", "", "", "/evidence 0", "全部", "/check", "/help"]:
        sitting.file.write(f"{sitting.session.prompt}{line}\n")
        sitting.say(line)
    golden_file(GOLDEN / "transcript.txt", sitting.file.getvalue())


def test_only_key_indicators_are_asked_and_told_ones_not_again(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025")
    shown = sitting.say("讲座24场（去年20场），听众1380人次\n志愿者68人")
    assert "记下" in shown
    for line in ("3.6", "6"):
        shown = sitting.say(line)
    assert "主题科普活动" in shown  # neither 科普讲座 nor 讲座听众 is asked


def test_a_unit_that_is_not_the_one_asked_for_is_asked_about(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025", "3.6", "6", "24")
    assert "这里要的是“人次”" in sitting.say("1380人")
    assert not any("1380" in f.text for f in sitting.work.facts)
    sitting.say("1380人次")
    assert sitting.work.facts[-1].text == "讲座听众1380人次"


def test_an_answer_tells_more_than_the_number(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025", "3.6", "6", "24场，讲防诈骗和急救，上年20")
    assert sitting.work.facts[-1].text == "举办科普讲座24场次，讲防诈骗和急救"
    assert sitting.work.facts[-1].last == "20场次"


def test_none_and_later_are_answers_and_what_is_to_come_is_marked(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025", "3.6", "待补", "24", "无", "14", "2600", "5", "68", "无", "场地小", "讲座30场", "", "", "全部")
    text = "\n".join(p.text for _, w in sitting.work.sections for p in w.passages)
    assert "【待补充：科普宣传栏（处）】" in text or "科普宣传栏（处）" in sitting.say("/facts")
    assert "讲座听众" not in text


def test_a_contradicting_pasted_block_is_asked_about(sit):
    sitting = sit()
    sitting.begin()
    sitting.say(*ANSWERS)
    shown = sitting.say("讲座28场\n图书室藏书3200册")
    assert "两处说法不一样" in shown
    assert sitting.work.questions[0].kind is Asked.CONFLICT
    sitting.say("2")
    texts = [f.text for f in sitting.work.facts]
    assert "讲座28场" in texts
    assert "举办科普讲座24场次" not in texts
    assert not sitting.work.questions


def test_a_line_that_tells_what_was_answered_is_used_once(sit):
    sitting = sit()
    sitting.begin()
    sitting.say(*ANSWERS)
    facts = sitting.work.facts
    assert "只用一次" in sitting.say("讲座24场，听众1380人次")
    assert sitting.work.facts == facts
    shown = sitting.say("讲座24场，听众1500人次")
    assert "数不一样" in shown
    sitting.say("1")
    assert sitting.work.facts == facts


def test_a_new_value_goes_into_a_fact_that_tells_more(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025", "宣传栏6处，更换12期", "3.6", "24", "1380", "14", "2600", "5", "68", "无", "场地小", "讲座30场")
    sitting.say("宣传栏7处")
    sitting.say("2")
    assert "宣传栏7处，更换12期" in [f.text for f in sitting.work.facts]
    assert len([f for f in sitting.work.facts if "宣传栏" in f.text]) == 1


def test_what_cannot_be_read_is_asked_about_and_mended_with_a_word(sit):
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025")
    shown = sitting.say("讲座46\n志愿者68人\n共建资金万元")
    assert "没有单位" in shown
    assert [f.text for f in sitting.work.facts] == ["志愿者68人"]
    sitting.say("场")
    assert sitting.work.facts[-1].text == "讲座46场"
    assert "缺失" in sitting.say("/undo", "/redo")
    sitting.say("跳过")
    assert any("共建资金万元" in r for r in sitting.work.remarks)


def test_a_fact_file_is_read_and_contradictions_in_it_do_not_refuse_it(sit, tmp_path: Path):
    file = tmp_path / "事实 表.txt"
    file.write_text("单位：梧桐里社区\n年度：2025\n科普讲座24场\n科普讲座26场\n志愿者68人\n", encoding="utf-8")
    sitting = sit()
    shown = sitting.begin(facts=str(file))
    assert "两处说法不一样" in shown
    shown = sitting.say("1")
    assert [f.text for f in sitting.work.facts] == ["科普讲座24场", "志愿者68人"]
    assert sitting.work.facts[0].source.place == "第3行"
    assert sitting.work.step is Step.FACTS


def test_a_dropped_file_is_read_at_any_question(sit, tmp_path: Path):
    file = tmp_path / "材料 一.txt"
    file.write_text("图书室藏书3200册\n", encoding="utf-8")
    sitting = sit()
    sitting.begin()
    sitting.say("梧桐里社区", "2025", f"'{file}'")
    assert sitting.work.facts[-1].text == "图书室藏书3200册"
    escaped = str(file).replace(" ", "\\ ")
    assert "重复" in sitting.say(escaped)


def test_a_file_without_unit_waits_until_it_is_known(sit, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("讲座24场\n", encoding="utf-8")
    sitting = sit()
    sitting.begin(facts=str(file))
    assert sitting.work.step is Step.UNIT
    sitting.say("梧桐里社区")
    sitting.say("2025")
    assert sitting.work.facts[0].text == "讲座24场"


def test_a_corrected_fact_corrects_the_prose(written):
    shown = written.say("F3 改为 26场")
    assert "26场次" in shown
    text = "\n".join(p.text for _, w in written.work.sections for p in w.passages)
    assert "26场" in text
    assert "24场" not in text
    before = written.work
    written.say("/undo")
    assert "24场次" in "\n".join(p.text for _, w in written.work.sections for p in w.passages)
    written.say("/redo")
    assert written.work == before


def test_undo_and_redo_restore_exactly_to_the_beginning_and_back(written):
    works = [w for _, w in written.log.state.past]
    assert works[0].date == (2026, 1, 6)
    last = written.work
    for work in reversed(works):
        written.say("/undo")
        assert written.work == work
    assert "没有可撤销" in written.say("/undo")
    for work in [*works[1:], last]:
        written.say("/redo")
        assert written.work == work


def test_a_session_goes_on_where_it_was(sit):
    sitting = sit()
    sitting.begin()
    sitting.say(*ANSWERS, "", "", "", "")
    work = sitting.work
    again = sit()
    shown = again.begin()
    assert again.work == work
    assert "接着上次" in shown
    assert "这部分可以吗" in shown



def test_what_comes_back_from_the_editor_is_verified_and_unknown_figures_are_asked_about(sit):
    sitting = sit(edit=lambda text: text.rstrip("\n") + "新建科普小广场3个。\n")
    sitting.begin()
    sitting.say(*ANSWERS, "", "", "全部")
    shown = sitting.say("/edit 2")
    assert "“3个”没有事实依据" in shown
    assert "不能导出" in sitting.say("/export a.docx")
    shown = sitting.say("1")
    assert "记下" in shown
    assert any(f.text == "新建科普小广场3个" for f in sitting.work.facts)
    assert not sitting.work.questions
    sentences = [s for _, w in sitting.work.sections for p in w.passages for s in p.sentences]
    mine = [s for s in sentences if s.origin is Origin.PERSON]
    assert [s.text for s in mine] == ["新建科普小广场3个。"]
    assert mine[0].fact_ids == (sitting.work.facts[-1].id,)
    assert "已写出" in sitting.say("/export a.docx")


def test_a_slip_is_put_right(sit):
    sitting = sit(edit=lambda text: text.replace("68人", "86人"))
    sitting.begin()
    sitting.say(*ANSWERS, "", "", "全部")
    role, number = next(
        (r, n) for n, (r, w) in enumerate(sitting.work.sections) if "志愿者68人" in w.passages[0].text and r == "team"
    )
    shown = sitting.say(f"/edit {number}")
    assert "86人" in shown
    assert sitting.work.questions
    question = sitting.work.questions[0]
    sitting.say("2" if question.expected else "3")
    if question.expected:
        assert "68人" in sitting.work.written(role).passages[0].text
    assert not [q for q in sitting.work.questions if q.surface == "86人"]


def test_an_emptied_or_failing_editor_changes_nothing(sit):
    from kepudraft.errors import InputError

    def failing(text: str) -> str:
        raise InputError("编辑器没有正常结束（退出码1），没有采用改动")

    for editor, said in ((lambda text: "", "空的"), (failing, "退出码1")):
        sitting = sit(edit=editor)
        sitting.begin()
        if not sitting.work.sections:
            sitting.say(*ANSWERS, "", "", "全部")
        work = sitting.work
        assert said in sitting.say("/edit 2")
        assert sitting.work == work


def test_a_locked_section_is_not_changed(written):
    written.say("/lock 2")
    work = written.work
    assert "已锁定" in written.say("/retry 2 写短些")
    assert "已锁定" in written.say("/edit 2")
    assert written.work == work
    written.say("/unlock 2")
    written.say("/retry 2")
    assert written.work != work


def test_a_wrong_figure_in_an_instruction_is_asked_about(written):
    assert "没有事实依据" in written.say("/retry 2 写成48场讲座")


def test_retry_and_diff_show_what_changed(written):
    assert "只有一稿" in written.say("/diff 2")
    written.say("/retry 2")
    assert "上一稿和现在" in written.say("/diff 2")


def test_a_failed_model_call_loses_nothing_and_names_the_remedy(sit):
    def unreachable(name: str):
        if name == "没有的":
            raise ModelUnavailable("连不上模型服务", remedy="请检查网络")
        raise AssertionError(name)

    sitting = sit(open_model=unreachable)
    sitting.begin()
    sitting.say(*ANSWERS, "", "")
    work = sitting.work
    shown = sitting.say("/model 没有的")
    assert "连不上模型服务" in shown
    assert "/offline" in shown
    assert sitting.work == work
    assert sitting.log.state.model == ""


def test_markup_and_escape_sequences_are_shown_as_text(sit):
    sitting = sit()
    sitting.begin()
    shown = sitting.say("[red]梧桐里[/red]社区", "2025", "\x1b[31m\x1b]0;x\x07讲座[bold]24场[/bold]\x9b2J，听众1380人次\n志愿者68人[/]")
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "[bold]24场[/bold]" in shown


@pytest.mark.parametrize("line", [
    "/", "//", "/export", "/export /", "/export ../../nowhere/x.docx", "/retry 99", "/retry x", "/evidence 9.9", "/evidence a", "/edit 77",
    "/length 0", "/length abc", "/lock", "/model", "/date 2025-13-45", "/year 12", "/type 公司", "/unit", "/outline 移动 1 到 99",
    "/outline 删除 0",
    "/outline 胡说", "F99 改为 1场", "F3", "F3 改为", "删除 F99", "\x00\x1b", "全部", "移动 3 到 2", "a" * 100_000, "1\n" * 5000,
    "、、、", "/facts x",
    "/diff 0", "/undo 5", "/没有这个命令", "．．．", "~", "/show 0", "/show 00000000000", "～/没有.docx", "'", '"', "C:\\x\\y.docx", "\ud800",
])  # fmt: skip
def test_no_line_ends_a_session(written, line: str):
    assert written.session.take(line)
    assert written.work.facts


def test_a_full_disk_is_told_and_the_step_not_taken(written, monkeypatch: pytest.MonkeyPatch):
    import errno

    from kepudraft.session import log

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    work = written.work
    with monkeypatch.context() as patched:
        patched.setattr(log.os, "fsync", full)
        assert "没有存下来" in written.say("F3 改为 99场")
        assert written.work == work
    written.say("F3 改为 99场")
    assert written.work != work


def test_last_years_values_are_shown_and_compared(sit, tmp_path: Path):
    file = tmp_path / "2024.txt"
    file.write_text("单位：梧桐里社区\n年度：2024\n讲座20场，听众1120人次\n宣传栏5处\n", encoding="utf-8")
    sitting = sit()
    sitting.begin(last_year=str(file))
    sitting.say("梧桐里社区", "2025", "3.6")
    shown = sitting.say("6")
    assert "上年20场" in shown
    sitting.say("24")
    assert sitting.work.facts[-1].last == "20场次"


def test_merged_sections_keep_their_prose_and_parted_ones_are_written_anew(written, tmp_path: Path):
    texts = {r: w.passages[0].text for r, w in written.work.sections}
    roles = [r for r, _ in written.work.sections]
    written.say("/outline 合并 2 3")
    home = written.work.written(roles[2])
    assert [p.text for p in home.passages] == [texts[roles[2]], texts[roles[3]]]
    assert written.work.step is Step.DONE
    assert "已写出" in written.say("/export a.md")
    text = (tmp_path / "a.md").read_text("utf-8")
    assert all(t in text for t in texts.values())
    assert "（一）" in text
    written.say("/outline 恢复")
    assert written.work.step is Step.DRAFT
    written.say("全部")
    assert "已写出" in written.say("/export b.md")
    assert (tmp_path / "b.md").read_text("utf-8").count(texts[roles[3]]) == 1


def test_a_section_left_out_comes_back_with_its_prose(written):
    before = written.work.sections
    written.say("/outline 删除 2")
    assert "不写进正文" in written.say("/outline")
    written.say("/outline 恢复")
    assert written.work.sections == before
    assert written.work.step is Step.DONE


def test_a_fact_of_a_new_section_opens_the_session_again(written):
    written.say("/facts 增加 举办青少年科技夏令营2期")
    assert written.work.step is Step.DRAFT
    assert "还没有写" in written.say("/export a.md")
    written.say("")
    assert "青少年" in written.work.written("youth").passages[0].text
