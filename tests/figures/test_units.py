from decimal import Decimal

import pytest

from kepudraft.errors import RuleError
from kepudraft.figures.idioms import idioms, load_idioms
from kepudraft.figures.tables import read_table
from kepudraft.figures.units import Quantity, load_units, unit_named


@pytest.mark.parametrize(
    ("left", "right"), [("人", "人次"), ("%", "百分点"), ("%", "‰"), ("场", "期"), ("份", "册"), ("元", "美元"), ("天", "学时")]
)
def test_units_that_are_never_compared(left, right):
    assert unit_named(left).dimension != unit_named(right).dimension


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("場次", "场次"), ("個月", "个月"), ("㎡", "平方米"), ("平方公尺", "平方米"), ("km", "公里"),
        ("个小时", "小时"), ("個百分點", "百分点"), ("個", "个"),
    ],
)  # fmt: skip
def test_aliases_and_scripts(spelling, name):
    assert unit_named(spelling).name == name


def test_scales_meet_in_the_base_unit():
    assert Quantity(Decimal("1.5"), unit_named("公里")).in_base == Quantity(Decimal(1500), unit_named("米")).in_base


def test_a_unit_that_the_table_lacks_is_kept_as_unknown():
    assert unit_named("坨").dimension == "unknown"
    assert unit_named("").name == ""


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ('[a]\nbase = "x"\n[a.units]\n"x" = { scale = "abc" }\n', 4, "不是数"),
        ('[a]\nbase = "x"\n[a.units]\n"x" = { scale = "-1" }\n', 4, "正数"),
        ('[a]\nbase = "x"\n[a.units]\n"x" = { sclae = "1" }\n', 4, "只能有"),
        ('[a]\nbase = "x"\nkind = "weight"\n[a.units]\n"x" = {}\n', 1, "不认识"),
        ('[a]\nbase = "y"\n[a.units]\n"x" = {}\n', 1, "基本单位"),
        ('[a]\nbase = "x"\n[a.units]\n"x" = {}\n[b]\nbase = "x"\n[b.units]\n"x" = {}\n', 8, "两次"),
    ],
)
def test_a_wrong_units_table_is_refused_with_its_line(tmp_path, source, line, what):
    path = tmp_path / "units.toml"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(RuleError, match=what) as caught:
        load_units(read_table(path))
    assert caught.value.place == f"units.toml 第{line}行"


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ('[[group]]\nwhy = "slogan"\nwords = ["没有数"]\n', 3, "没有数字"),
        ('[[group]]\nwhy = "slogan"\nneeds = "luck"\nwords = ["三下乡"]\n', 3, "不认识"),
        ('[[pattern]]\nwhy = "x"\nafter = "进"\nregex = "[进"\n', 4, "正则式"),
        ('[[pattern]]\nwhy = "x"\nafter = "进社"\nregex = "进"\n', 3, "一个字"),
    ],
)
def test_a_wrong_idioms_table_is_refused_with_its_line(tmp_path, source, line, what):
    path = tmp_path / "idioms.toml"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(RuleError, match=what) as caught:
        load_idioms(read_table(path))
    assert caught.value.place == f"idioms.toml 第{line}行"


def test_a_table_that_is_no_toml_or_missing_is_refused(tmp_path):
    path = tmp_path / "units.toml"
    with pytest.raises(RuleError, match="不存在"):
        read_table(path)
    path.write_text("[a\n", encoding="utf-8")
    with pytest.raises(RuleError, match="TOML"):
        read_table(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RuleError, match="UTF-8"):
        read_table(path)


def test_the_idioms_cover_the_genre():
    assert idioms().words >= 300
