"""Files are written whole or not at all, and a refusal is one sentence that helps."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from kepudraft.errors import ExportError
from kepudraft.export import atomic, write

_OLD = "旧的内容"


def _left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_suffix_gives_its_format(sample, tmp_path):
    paths = [tmp_path / f"总结{suffix}" for suffix in (".docx", ".md", ".TXT", ".json")]
    assert write(sample, paths) == tuple(paths)
    starts = [path.read_bytes()[:2] for path in paths]
    assert starts == [b"PK", b"# ", "江".encode()[:2], b"{\n"]
    assert paths[2].read_text(encoding="utf-8") == sample.text + "\n江州市科技馆\n2026年1月6日\n"


@pytest.mark.parametrize(
    "name", ["科普 工作 总结.md", "“引号”（一）.md", "总" * 84 + ".md", "-o.md", "a.b.md", "😀.md"]
)
def test_unusual_names_are_written(sample, tmp_path, name):
    write(sample, [str(tmp_path / name)])
    assert _left(tmp_path) == [name]


@pytest.mark.parametrize("name", ["总结.htm", "总结.doc", "总结", ".md", "总结.md.bak"])
def test_an_unknown_suffix_lists_the_known_ones(sample, tmp_path, name):
    with pytest.raises(ExportError, match=r"请改用\.docx、\.html、\.md、\.txt、\.json之一"):
        write(sample, [tmp_path / "好.md", tmp_path / name])
    assert _left(tmp_path) == []


def _missing_folder(folder):
    return folder / "没有" / "总结.md", "不存在"


def _file_as_folder(folder):
    (folder / "文件").write_text(_OLD, encoding="utf-8")
    return folder / "文件" / "总结.md", "不是文件夹"


def _folder(folder):
    (folder / "夹.md").mkdir()
    return folder / "夹.md", "这是一个文件夹"


def _pipe(folder):
    os.mkfifo(folder / "管.md")
    return folder / "管.md", "不是普通文件"


def _too_long(folder):
    return folder / ("总" * 100 + ".md"), "文件名太长"


def _null(folder):
    return folder / "a\0b.md", "文件写不了"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="这些文件种类只有类Unix系统有")
@pytest.mark.parametrize("make", [_missing_folder, _file_as_folder, _folder, _pipe, _too_long, _null])
def test_a_bad_target_is_refused_before_anything_is_written(sample, tmp_path, make):
    target, reason = make(tmp_path)
    before = _left(tmp_path)
    with pytest.raises(ExportError, match=reason) as refused:
        write(sample, [tmp_path / "好.md", target])
    assert refused.value.place
    assert refused.value.remedy
    assert "\n" not in str(refused.value)
    assert _left(tmp_path) == before


def test_the_same_file_twice_is_refused(sample, tmp_path):
    with pytest.raises(ExportError, match="给了两次"):
        write(sample, [tmp_path / "a.md", tmp_path / "." / "a.md"])


def test_a_folder_without_permission_is_refused(sample, tmp_path, monkeypatch):
    monkeypatch.setattr(atomic.os, "access", lambda *_: False)
    with pytest.raises(ExportError, match="没有权限"):
        write(sample, [tmp_path / "a.md"])
    assert _left(tmp_path) == []


def test_a_locked_file_is_refused_before_anything_is_written(sample, tmp_path, monkeypatch):
    (tmp_path / "开着.md").write_text(_OLD, encoding="utf-8")
    monkeypatch.setattr(atomic.os, "open", _raise(PermissionError(errno.EACCES, "locked")))
    with pytest.raises(ExportError, match="可能正在Word里打开") as refused:
        write(sample, [tmp_path / "a.md", tmp_path / "开着.md"])
    assert refused.value.place.endswith("开着.md")
    assert _left(tmp_path) == ["开着.md"]


def _raise(error):
    def refuse(*_args, **_options):
        raise error

    return refuse


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "磁盘已满"), (errno.EDQUOT, "磁盘配额"), (errno.EROFS, "只读"), (errno.EIO, "文件写不了（磁盘读写出错）")],
)
def test_a_failing_disk_leaves_the_old_files_and_no_rest(sample, tmp_path, monkeypatch, number, reason):
    (tmp_path / "a.md").write_text(_OLD, encoding="utf-8")
    monkeypatch.setattr(atomic.os, "fsync", _raise(OSError(number, "坏了")))
    with pytest.raises(ExportError, match=reason):
        write(sample, [tmp_path / "a.md", tmp_path / "b.json"])
    assert _left(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == _OLD


def test_a_full_disk_at_the_second_file_leaves_the_first_old(sample, tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text(_OLD, encoding="utf-8")
    calls = []

    def second_fails(_descriptor):
        calls.append(1)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(atomic.os, "fsync", second_fails)
    with pytest.raises(ExportError, match=r"b\.json：磁盘已满"):
        write(sample, [tmp_path / "a.md", tmp_path / "b.json"])
    assert _left(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == _OLD


def test_a_refused_rename_leaves_no_rest_and_names_what_is_written(sample, tmp_path, monkeypatch):
    real_replace = os.replace

    def second_fails(source, target):
        if str(target).endswith(".json"):
            raise PermissionError(errno.EACCES, "locked")
        real_replace(source, target)

    monkeypatch.setattr(atomic.os, "replace", second_fails)
    with pytest.raises(ExportError, match=r"已经写好的有.*a\.md"):
        write(sample, [tmp_path / "a.md", tmp_path / "b.json"])
    assert _left(tmp_path) == ["a.md"]


def test_an_interruption_leaves_no_rest(sample, tmp_path, monkeypatch):
    monkeypatch.setattr(atomic.os, "replace", _raise(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write(sample, [tmp_path / "a.md"])
    assert _left(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows没有这种权限位")
def test_a_replaced_file_keeps_its_mode_and_a_link_its_place(sample, tmp_path):
    (tmp_path / "real.md").write_text(_OLD, encoding="utf-8")
    (tmp_path / "real.md").chmod(0o640)
    (tmp_path / "link.md").symlink_to("real.md")
    write(sample, [tmp_path / "link.md"])
    assert (tmp_path / "link.md").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.md").stat().st_mode) == 0o640
    assert (tmp_path / "real.md").read_text(encoding="utf-8").startswith("# ")


def test_a_name_that_is_no_text_can_be_shown(sample, tmp_path):
    with pytest.raises(ExportError) as refused:
        write(sample, [tmp_path / "\udcff\n.xyz"])
    str(refused.value).encode("utf-8")
