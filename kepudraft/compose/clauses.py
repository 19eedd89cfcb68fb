"""One fact -> one clause of good prose, claiming nothing that the fact does not say."""

from __future__ import annotations

import re
from functools import cache

from kepudraft.compose.phrases import Verb, phrases
from kepudraft.facts.derive import compared_figure
from kepudraft.facts.sheet import Fact, Status
from kepudraft.figures.scan import Figure
from kepudraft.genre import Role

_TIME = re.compile(
    r"^(?:.{2,24}?期间，(?:共|累计)?|(?:20\d\d年)?\d{1,2}月[^，,；;。\d]{2,16}，|.{2,10}方面，(?:共|累计)?"
    r"|(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?(?:[至—~～-](?:\d{1,2}月)?(?:\d{1,2}日)?)?，?"
    r"|(?:全年|今年|本年度?|年内|一年来|20\d\d年)?(?:共计?|累计|总计|先后)?)"
)
_YEAR_BEHIND = re.compile(r"^(.+?)(全年|今年|本年度?|年内)(?:共计?|累计)?$")
_BARE_VISITS = re.compile(r"(?:(?<=，)|^)([约近超逾]?[\d.,万]+[余多]?人次)(?=$|[，,；;。])")
_TITLE_OF_HONOUR = re.compile(r"^[^，。\d]{2,24}(?:先进|优秀|示范|特色|文明|模范|十佳|基地)[^，。\d]{1,8}$")
_AWARD_VERB = re.compile("获|荣|评|授予|认定|命名|入选|表彰|创建|成为|为")
_ASCII_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_PAUSE = re.compile(r"[，,；;。]")
_AMOUNT = r"[约近超逾]?[\d０-９一二三四五六七八九十百千万两]"
_PARTICIPANTS = re.compile(
    r"(?P<before>^|[，,])(?:参与|参加)(?:人数|人次|群众|人员)?(?P<figure>" + _AMOUNT + r"[^，,；;。]*)(?=$|[，,；;。])"
)
# A verb anywhere before the figure shows that the clause is complete as it stands.
_VERBAL = re.compile(
    "举办|开展|组织|接待|发放|建成|新建|建立|建设|成立|完成|获|荣|评|授予|认定|命名|举行|召开|印发|制定|制作|更新|改造|维修|添置|购置|投入|"
    "培训[了班]?(?=\\D*\\d)|服务|参加|参与|吸引|覆盖|惠及|走进|进入|赴|配备|选派|派出|推荐|申报|发布|推送|播放|放映|展出|编印|编写|联合|邀请|聘请|"
    "达到|达|为|有|(?<!常)设(?![备施])|增|减|新增|实现|累计|现|拥有|保持|签约|签订|合作开|送|巡展|巡回|推出|开设|开放|开办|协办|承办|主办|指导|带领|出版|发表|立项|入选|被|"
    "^(?:发|送|编|印|做|办|换|添|买|开|建|招|评|聘|请|给|看|听)(?![展明目])|占|超|不足|缺|仅|只|老化|偏|未|没有|难|低|少|落实|安排|列支|筹集|争取|张贴|悬挂|慰问|走访|帮扶|推广|示范|引进|转化|登记|招募|注册|发展|换届|听取"
)


def clause(fact: Fact, changes: tuple[Fact, ...] = ()) -> str:
    """The clause that tells a fact, without end mark; `changes` are the computed facts that belong to it."""
    text = fact.text.rstrip("，,；;。 ")
    placed = [(compared_figure(fact, change), change.text) for change in changes]
    # From the back, so that the spans before stay true.
    for figure, change in sorted(placed, key=lambda p: -(p[0].span.start if p[0] else 0)):
        text = _with_change(text, figure, change)
    text = _ASCII_COMMA.sub("，", text)
    if fact.status is Status.DONE:
        return _awarded(_participants_behind(_with_verb(text, fact.figures)), fact).replace("；", "，")
    return _with_verb(text, fact.figures, planned=True) if fact.status is Status.PLANNED else text


def is_flow(text: str) -> bool:
    """True if the clause begins with a verb that tells what happened in the year (举办, 开展 …)."""
    return text.startswith(phrases().flow_verbs)


def _with_change(text: str, figure: Figure | None, change: str) -> str:
    """The change behind the figure's clause: 接待观众38.6万人次，比上年增长9.0%，其中…."""
    if figure is None:
        return f"{text}，{change}"
    stop = _PAUSE.search(text, figure.span.end)
    at = stop.start() if stop else len(text)
    return f"{text[:at]}，{change}{text[at:]}"


def _with_verb(text: str, figures: tuple[Figure, ...], *, planned: bool = False) -> str:
    """«科普讲座46场» -> «举办科普讲座46场»; a clause that has a verb, or whose noun nobody knows, stays."""
    amounts = [f for f in figures if f.quantity is not None]
    head = _TIME.match(text)
    start = head.end() if head else 0
    first = next((f for f in amounts if f.span.start >= start), None)
    if first is None:
        return text
    noun = text[start : first.span.start]
    if not noun or _PAUSE.search(noun) or _VERBAL.search(noun):
        return text
    if behind := _YEAR_BEHIND.match(noun):  # «资料全年5200份» -> «全年发放资料5200份»
        noun, text = behind[1], f"{text[:start]}{behind[2]}{behind[1]}{text[first.span.start :]}"
        start += len(behind[2])
    verb = _verb_for(noun.rstrip("共计约达"))
    return text[:start] + verb.verb + text[start:] if verb and (verb.flow or not planned) else text


@cache
def _noun_table() -> dict[str, Verb]:
    return {noun: verb for verb in phrases().verbs for noun in verb.nouns}


def _verb_for(noun: str) -> Verb | None:
    """The verb of the longest known noun that ends `noun`."""
    table = _noun_table()
    return next((table[noun[i:]] for i in range(len(noun)) if noun[i:] in table), None)


def _participants_behind(text: str) -> str:
    """«，参与3.5万人次» and «，3.5万人次» -> «，3.5万人次参与»."""
    text = _PARTICIPANTS.sub(lambda m: f"{m['before']}{m['figure']}参与", text)
    return _BARE_VISITS.sub(r"\1参与", text)


def _awarded(text: str, fact: Fact) -> str:
    """«全市科普工作先进单位» -> «获评…» where the file lists it as an honour, else «为…»."""
    if _TITLE_OF_HONOUR.match(text) and not _AWARD_VERB.search(text):
        return ("获评" if fact.role is Role.RESULTS else "为") + text
    return text
