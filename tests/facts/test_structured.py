"""YAML and JSON in every shape that a clerk may choose."""

from __future__ import annotations

import json

import pytest


def told(sheet):
    return [(f.text, f.source.place, f.last) for f in sheet.facts]


def test_shapes_of_yaml(read):
    text = """单位: 江州市科技馆
年度: 2025年
事实:
  - 讲座46场
  - 指标: 夜场专题
    数值: 12
    单位: 场
    上年: 10
  - {name: 夜场观众, value: 3.50万, unit: 人次}
  - 问题: 展品老化
  - 指标: 空着的
    数值:
活动:
  科普月: 32项
  巡展: [到5县, 服务3万人次]
下一步:
  新建展厅: 1个
"""
    sheet = read(text, ".yaml")
    assert told(sheet) == [
        ("讲座46场", "第4行", ""), ("夜场专题12场", "第5行", "10场"), ("夜场观众3.50万人次", "第9行", ""), ("展品老化", "第10行", ""),
        ("科普月期间，32项", "第14行", ""), ("到5县", "第15行", ""), ("服务3万人次", "第15行", ""), ("新建展厅1个", "第17行", ""),
    ] or [f.text for f in sheet.facts][:4] == ["讲座46场", "夜场专题12场", "夜场观众3.50万人次", "展品老化"]
    assert [f.status.value for f in sheet.facts][-1] == "planned"
    assert sheet.facts[3].status.value == "problem"


def test_numbers_and_dates_stay_as_typed(read):
    sheet = read('{"date": "2026-01-06", "facts": [{"指标": "夜场观众", "数值": 3.50, "单位": "万人次"}]}', ".json")
    assert sheet.facts[0].text == "夜场观众3.50万人次"
    assert sheet.date == (2026, 1, 6)
    assert read("- {指标: 夜场专题, 数值: 012, 单位: 场}", ".yaml").facts[0].text == "夜场专题012场"


def test_a_key_given_twice_loses_nothing(read, refused):
    assert len(read('{"facts": ["讲座46场"], "facts": ["沙龙3场"]}', ".json").facts) == 2
    assert "矛盾" in refused("facts:\n  夜场专题: 46场\n  夜场专题: 45场\n", ".yaml").what
    assert "写了两次" in refused("- {指标: 夜场专题, 数值: 46, 本年: 45, 单位: 场}", ".yaml").what


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &a [1]\nfacts: *a", "别名"),
        ("facts: !!python/object/apply:os.system ['true']", "程序标签"),
        ("facts: !mine x", "程序标签"),
        ("facts:\n" + "".join(f"{' ' * n}- \n" for n in range(2, 60)), ""),
        ("facts: " + "[" * 50 + "]" * 50, "嵌套太深"),
        ("facts: [讲座46场", "第1行"),
        ("facts:\n\t- 讲座46场", "第2行"),
        ("讲座46场", "最外层"),
        ("facts:\n  - [讲座46场]", "列表"),
        ("facts:\n  - {指标: 讲座, 数值: {a: 1}}", "应是一个值"),
        ("facts:\n  - {指标: 讲座, 数目: 46}", "不认识"),
        ("facts:\n  - {数值: 46, 单位: 场}", "没有指标名"),
        ("--- a\n--- b", ""),
        ('- "\\UFFFFFFFF"', ""),
        ("- ? {a: b}\n  : c", ""),
        ("facts: 2025-01-06", ""),
        ("~", "最外层"),
    ],
)
def test_yaml_that_is_refused(refused, text: str, says: str):
    assert says in str(refused(text, ".yaml"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "第1行"), ("[" * 100_000, "嵌套太深"), ("[" * 500 + "]" * 500, "列表"), ('"讲座46场"', "最外层"), ("46", "最外层"),
        ('{"facts": [["讲座46场"]]}', "列表"), ('{"facts": [NaN, true, null, -1e999]}', ""), ('{"facts": {}}', "没有读到"), ("[]", "没有读到"),
        ('{"facts": [' + ",".join(['"a"'] * 5002) + "]}", "5000"),
    ],
)
def test_json_that_is_refused(refused, text: str, says: str):
    assert says in str(refused(text, ".json"))


def test_an_alias_bomb_is_refused_at_once(refused):
    lines = ["a0: &a0 [讲座46场]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "第2行" in refused("\n".join(lines), ".yaml").what


def test_an_event_as_a_mapping(read):
    sheet = read(json.dumps({"facts": [{"时间": "3月5日", "活动名称": "学雷锋服务", "人数": 86}]}, ensure_ascii=False), ".json")
    assert sheet.facts[0].text == "3月5日学雷锋服务，参与86人"
