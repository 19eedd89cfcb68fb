"""Made-up units for measuring batches: thirty facts each, no two units alike, made again from their number alone."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

_TYPES = (("社区", "社区"), ("街道", "街道"), ("小学", "学校"), ("科技馆", "科技馆"))
_PLACES = "江云梧桐临溪松坪望湖青石白沙柳河金岭竹园枫林桃源清水长桥北湾南坡"
_LINES = (
    "讲座{a}场，听众{b}人次（上年{c}场、{d}人次）", "科普活动{a}场次，参与{b}人次（上年{c}场次、{d}人次）", "宣传栏{e}处，更换{f}期",
    "图书室藏书{b}册，今年添{a}册", "志愿者{a}人，其中医生{e}人", "发放资料{b}份（上年{d}份）", "科普短视频{a}条，播放{g}万次",
    "投入科普经费{g}万元，其中上级补助{e}万元", "接待咨询{b}人次", "举办培训班{a}期，培训{b}人次（上年{c}期、{d}人次）", "开放{h}天",
    "展品{a}件，更新{e}件，完好率{p}%", "科技辅导员{a}人，其中专职{f}人", "全国科普月：9月，活动{f}场，参与{b}人次",
    "5月科技活动周，活动{f}场", "科普画廊{e}处，更换{a}块", "应急演练{f}次，参加{b}人次", "科普大篷车出车{a}次，服务{b}人次",
    "青少年科技竞赛参赛{a}人，获奖{e}项", "获区级科普先进集体1个", "手机课{f}期，学员{a}人次", "义诊{f}次，接待{b}人次",
    "联系专家{e}人", "微信公众号推文{a}篇，阅读{g}万次", "科普进校园{f}场，学生{b}人次", "巡展{e}站，观众{b}人次",
    "修订管理制度{f}项", "新建活动室{e}间", "问题：志愿者60岁以上的有{e}人", "明年：讲座{a}场；宣传栏增加{e}处",
)


def unit_lines(n: int) -> list[str]:
    """The fact file of the n-th unit."""
    rng = random.Random(n)
    ending, kind = _TYPES[n % len(_TYPES)]
    name = "".join(rng.choice(_PLACES) for _ in range(3))
    lines = [f"单位：{name}{n}号{ending}", f"类型：{kind}", "年度：2025"]
    for pattern in _LINES:
        a, b = rng.randint(10, 90), rng.randint(300, 9000)
        lines.append(pattern.format(
            a=a, b=b, c=max(1, a - rng.randint(1, 9)), d=max(1, b - rng.randint(-200, 200)), e=rng.randint(2, 9), f=rng.randint(2, 9),
            g=rng.randint(10, 99), h=rng.randint(200, 320), p=rng.randint(90, 99),
        ))
    return lines


def write_jsonl(path: Path, count: int) -> None:
    """Write `count` units as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in json_units(count))


def json_units(count: int) -> Iterator[str]:
    """One unit a line, as JSON."""
    for n in range(count):
        unit, kind, year, *facts = (line.partition("：")[2] if i < 3 else line for i, line in enumerate(unit_lines(n)))
        yield json.dumps({"unit": unit, "unit_type": kind, "year": int(year), "facts": facts}, ensure_ascii=False)
