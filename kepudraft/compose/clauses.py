"""One fact -> one clause of good prose, claiming nothing that the fact does not say.

A clerk's line is taken apart at its commas; each piece gets the verb that its noun goes with, parts stand right behind
their total, and a comparison right behind its figure. Words before a figure change, the figure and its unit never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kepudraft.compose.phrases import Verb, phrases
from kepudraft.facts.derive import compared_figure
from kepudraft.facts.sheet import Fact, Status
from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.genre import Role

_DATE = r"(?:20\d\d年)?\d{1,2}月(?:\d{1,2}[日号])?(?:[至到—~～-]+(?:\d{1,2}月)?\d{1,2}[日号])?"
_TIME = re.compile(
    r"^(?:.{2,24}?期间，?(?:共|累计)?|(?:20\d\d年)?\d{1,2}月[^，\d]{2,16}，|.{2,10}方面，(?:共|累计)?"
    rf"|{_DATE}，?|(?:全年|今年|当年|本年度?|年内|一年来|20\d\d年)?(?:共计?|累计|总计|先后)?)"
)
_NAMED = re.compile("“[^”]*”|《[^》]*》")  # the 进社区 of “护士进社区” is a name, no verb
_ONLY_DATE = re.compile(rf"^{_DATE}$")
_ONE_DAY = re.compile(r"^(?:20\d\d年)?\d{1,2}月\d{1,2}[日号](?![至到—~～-])[^，]*[日节]$")  # «3月12日植树节»
_YEAR_BEHIND = re.compile(r"^(.+?)(全年|今年|本年度?|年内)(?:共计?|累计)?$")
_EMPTY_LABEL = re.compile(r"方面，(?=每)")  # «大喇叭播讲方面，每村每周2次»
_TITLE = re.compile(
    r"^[^，。\d]{2,24}(?:(?:先进|优秀|示范|特色|文明|模范|十佳)[^，。\d]{1,8}|基地|星级[^，。\d]{2,4})$"
)
_PRIZE = re.compile(r"^[^，。\d]{2,24}(?:奖状|奖章|奖牌|提名|锦旗|考核优秀|优秀等次|(?<!等)奖)$")
_AWARD_VERB = re.compile("获|荣|评|授予|认定|命名|入选|表彰|创建|成为|为|夺|捧|颁|发|推荐")
_BLANK = re.compile(r"^\s+|\s+$|(?<![A-Za-z])\s+|\s+(?![A-Za-z])")
_CUT_OR_OPEN = re.compile("[，,；;（(“《]")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PEOPLE = re.compile(
    "^(?:公众|居民|群众|市民|村民|学生|中小学生|孩子|儿童|少年儿童|青少年|农民|农户|老人|老年人|师生|职工|家长|家庭|亲子|学员|教师)$"
)
_TAKING_PART = re.compile(r"^(?P<verb>参与|参加)(?:人数|人次|人员)?$")
_EVENT_UNITS = frozenset({"期", "场", "场次", "次", "班", "届", "项"})
_VENUE_UNITS = frozenset({"个", "所", "家", "支"})
_STOCK_UNITS = frozenset({"户", "人", "名", "块", "处", "间", "册", "课时", "门", "件", "个", "期", "场", "次", "支", "家", "批", "平方米"})
# A verb anywhere before the figure shows that the clause is complete as it stands.
_VERBAL = re.compile(
    "举办|开展|组建|开发|新开|组织(?!$)|接待|发放|建成|新建|建立|建设(?!$)|成立|完成|获|荣|(?<![终测])评|授予|认定|命名|举行|召开|印发|制定|制作|更新|改造|维修|添置|购置|投入|"
    "服务(?!队|站|点|中心|$)|参加|参与|吸引|覆盖|惠及|走进|进(?!(?:校园|社区|乡村|机关|企业)$)[入社校村企机乡万]|赴|配备|选派|派出|推荐|申报|发布|推送|播放|放映|展出|编印|编写|联合|邀请|聘请|"
    "达到|达|为|有|(?<!常)设(?![备施])|增|减(?!灾)|实现|累计|拥有|保持|签约|签订|签|合作开|送|巡展|巡回|推出|开设|开放(?!日)|开办|协办|承办|主办|指导|带领|出版|发表|立项|入选|被|"
    "^(?:发|送|编|印|做|办|换|添|买|开|建|招|聘|请|给|看|听|搞)(?![展明目纸])|占|超|不足|缺|仅|只|老化|偏|未|没有|难|低(?!碳)|少(?!年|儿)|落实|"
    "安排|列支|筹集|争取|张贴|悬挂|慰问|走访|帮扶|推广|示范(?=带)|引进|转化|登记|招募|注册(?!$)|发展|换届|听取|入户|摆摊|受益|带动|创作|征集|选送|结业|选出|填报"
)


@dataclass(slots=True)
class _Piece:
    """What stands between two commas of a fact: the words before its first amount, and the rest."""

    before: str
    rest: str
    amounts: tuple[Figure, ...]
    change: str = ""

    @property
    def text(self) -> str:
        return self.before + self.rest

    @property
    def unit(self) -> str:
        """Name of the first amount's unit, or ""."""
        return _unit(self.amounts[0]) if self.amounts else ""

    @property
    def bare(self) -> bool:
        """True for one amount and nothing else."""
        return len(self.amounts) == 1 and self.rest == _unspaced(self.amounts[0].surface)


def clause(fact: Fact, changes: Sequence[Fact] = (), *, unit: str = "") -> str:
    """The clause that tells a fact, without end mark.

    Args:
        fact: The fact.
        changes: The computed facts that belong to it, worded as they are to be told.
        unit: The unit's name, for where the clause needs «本馆» as its subject.
    """
    pieces = list(_pieces(fact))
    left = _place(changes, fact, pieces)
    if fact.status is not Status.PROBLEM:
        _dated(pieces)
        head = _head(pieces)
        if not _is_prize(pieces[head]):
            _first_verb(pieces[head], planned=fact.status is Status.PLANNED, dated=head > 0)
    if fact.status is Status.DONE:
        for i in range(head + 1, len(pieces)):
            _later_verb(pieces[i], pieces[:i])
        _parts_named(pieces, fact)
        pieces = _parts_behind_totals(pieces)
        pieces[0].before = _honour(pieces[0], fact, unit)
        _prize(pieces[0])
    told = "，".join(part for piece in pieces for part in (piece.text, piece.change) if part)
    return _plain_digits(_without_plus("，".join((told, *left)), fact))


def leading_verb(text: str) -> str:
    """The flow or stock verb that a clause begins with, or ""."""
    verbs = (*phrases().flow_verbs, *phrases().texts["stock.verbs"])
    return max((v for v in verbs if text.startswith(v)), key=len, default="")


def is_flow(text: str) -> bool:
    """True if the clause begins with a verb that tells what happened in the year (举办, 开展 …)."""
    return text.startswith(phrases().flow_verbs) and not text.startswith("开放日")


def is_stock(text: str) -> bool:
    """True if the clause tells what there is (现有 …)."""
    return text.startswith(phrases().texts["stock.verbs"])


def _pieces(fact: Fact) -> Iterator[_Piece]:
    """The fact's text cut at its commas, and where an amount of visits stands right behind another («6期180人次»)."""
    text = _EMPTY_LABEL.sub("", fact.text.rstrip("，,；;。 "))
    moved = len(fact.text.rstrip("，,；;。 ")) - len(text)
    amounts = [f for f in fact.figures if f.quantity is not None and f.kind is not Kind.DATE]
    for start, end in _cuts(text, [f.span.start - moved for f in _second_amounts(fact.text, amounts)]):
        inside = tuple(f for f in amounts if start <= f.span.start - moved < end)
        at = inside[0].span.start - moved if inside else end
        yield _Piece(_unspaced(text[start:at]), _spaced(_unspaced(text[at:end]), inside), inside)


def _cuts(text: str, extra: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Spans between commas that stand outside brackets; a comma inside a number is none. `extra` cuts keep no mark."""
    if not extra and not _CUT_OR_OPEN.search(text):
        yield 0, len(text)
        return
    depth, start = 0, 0
    for i, c in enumerate(text):
        depth = max(0, depth + (c in "（(“《") - (c in "）)”》"))
        if i in extra and start < i:
            yield start, i
            start = i
        within_number = c == "," and text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit()
        if c in "，,；;" and depth == 0 and not within_number:
            if start < i:
                yield start, i
            start = i + 1
    yield start, len(text)


def _second_amounts(text: str, amounts: Sequence[Figure]) -> list[Figure]:
    """Visits right behind another amount: the 180人次 of «6期180人次», the 260人 of «3期260人»."""
    return [
        f for before, f in pairwise(amounts)
        if before.kind is Kind.COUNT and not text[before.span.end : f.span.start].strip()
        and (_unit(f) == "人次" or (_unit(f) == "人" and _unit(before) in _EVENT_UNITS))
    ]


def _spaced(rest: str, amounts: Sequence[Figure]) -> str:
    """«2860户7100人» -> «2860户、7100人»."""
    for before, after in pairwise(amounts):
        if before.kind is Kind.COUNT and _unit(before) in _STOCK_UNITS and _unit(after) in _STOCK_UNITS:
            one, two = _unspaced(before.surface), _unspaced(after.surface)
            rest = rest.replace(one + two, f"{one}、{two}", 1)
    return rest


def _unspaced(text: str) -> str:
    """Without the blanks that some clerks put around figures: «讲座 18 场» -> «讲座18场»."""
    return _BLANK.sub("", text)


def _unit(figure: Figure) -> str:
    return figure.quantity.unit.name if figure.quantity else ""


def _place(changes: Sequence[Fact], fact: Fact, pieces: list[_Piece]) -> list[str]:
    """Every change to the piece whose figure it is of; returns those that belong to none."""
    left = []
    for change in changes:
        figure = compared_figure(fact, change)
        home = next((p for p in pieces if figure in p.amounts), None) if figure else None
        if home is None:
            left.append(change.text)
        else:
            home.change = f"{home.change}，{change.text}" if home.change else change.text
    return left


def _dated(pieces: list[_Piece]) -> None:
    """«3月18日，春耕技术培训，…» -> «3月18日，举办春耕技术培训，…»; «科普月，18项» -> «科普月期间开展活动18项»."""
    first = pieces[0]
    if len(pieces) > 1 and not first.amounts and _ONLY_DATE.match(first.before) and not pieces[1].amounts:
        event = pieces[1].before
        if phrases().period.search(event):
            first.before += event
            del pieces[1]
        elif not _VERBAL.search(event) and (verb := phrases().verb_for(event, "")) and verb.flow:
            pieces[1].before = verb.verb + event
    for i in range(1, len(pieces) - 1):
        if pieces[i].text.endswith(("乡镇", "学校", "单位", "社区", "村")) and pieces[i + 1].before.startswith("参"):
            # «6个乡镇，参训412人次» is one statement.
            whole = f"{pieces[i].rest}{pieces[i + 1].text}"
            pieces[i : i + 2] = [_Piece(pieces[i].before, whole, pieces[i].amounts, pieces[i + 1].change)]
            break
    if phrases().period.search(first.before):
        _lasting(pieces)


def _lasting(pieces: list[_Piece]) -> None:
    """A period at the start: 期间 behind it, and «开展活动» before a count of items that names nothing."""
    first = pieces[0]
    day = re.match(r"^(?:20\d\d年)?\d{1,2}月\d{1,2}日[^至到—~～-]*[日节](?P<lasts>期间)$", first.before)
    if day:  # one day does not last
        first.before = first.before.removesuffix(day["lasts"])
    lasting = "" if day or first.before.endswith(("期间", "日")) or _ONE_DAY.match(first.before) else "期间"
    if len(pieces) > 1 and not first.amounts and not pieces[1].before and pieces[1].unit in phrases().period_units:
        # Without a comma: the event is what the figure counts.
        pieces[0:2] = [_Piece(first.before, pieces[1].rest, pieces[1].amounts, pieces[1].change)]
        first = pieces[0]
    if first.amounts:
        if first.unit in phrases().period_units:
            first.before += f"{lasting}开展活动"
    elif len(pieces) > 1:
        first.before += lasting


def _head(pieces: Sequence[_Piece]) -> int:
    """Index of the piece that says what was done: behind a date or a period that stands alone, else the first."""
    lead = pieces[0]
    behind = len(pieces) > 1 and not lead.amounts and (_ONLY_DATE.match(lead.before) or lead.before.endswith(("期间", "日", "节", "活动中")))
    return 1 if behind and pieces[1].amounts else 0


def _first_verb(piece: _Piece, *, planned: bool, dated: bool) -> None:
    """«科普讲座46场» -> «举办科普讲座46场»; a piece that has a verb, or whose noun nobody knows, stays."""
    _raised(piece)
    if turned := phrases().turned.match(piece.text):
        if not _VERBAL.search(turned["object"]):
            piece.before = f"{turned['verb']}{turned['object']}"
        return
    if not piece.amounts:
        return
    head = _TIME.match(piece.before)
    time, noun = (piece.before[: head.end()], piece.before[head.end() :]) if head else ("", piece.before)
    if behind := _YEAR_BEHIND.match(noun):  # «资料全年5200份» -> «全年发放资料5200份»
        time, noun = time + behind[2], behind[1]
        piece.before = time + noun
    dated = dated or bool(re.search(r"\d", time))
    if scope := phrases().scope.match(noun) or (not dated and phrases().season.match(noun)):
        time, noun = time + scope.group(), noun[scope.end() :]
    if not noun or _VERBAL.search(_NAMED.sub("", noun)) or "其中" in noun:
        return
    if verb := _verb(noun, piece, planned=planned, dated=dated):
        piece.before = f"{time}{noun}{verb.verb}" if verb.behind else f"{time}{verb.verb}{noun}"
    elif planned and noun.endswith(phrases().texts["plans.reach"]) and piece.unit in _STOCK_UNITS | _VENUE_UNITS:
        piece.before = f"{time}{noun}达到"


def _verb(noun: str, piece: _Piece, *, planned: bool, dated: bool) -> Verb | None:
    verb = phrases().verb_for(noun.rstrip("共计约达"), piece.unit)
    if verb is None or verb.flow or verb.behind:
        return verb if verb is None or not (planned and verb.behind) else None
    if planned or dated or any(word in noun for word in phrases().texts["stock.never"]):
        return None
    return verb


def _raised(piece: _Piece) -> None:
    """«开座谈会1场» -> «召开座谈会1场», also behind a date; «科普月做了活动12项» -> «科普月期间开展活动12项»."""
    head = _TIME.match(piece.before)
    start = head.end() if head else 0
    within = phrases().in_period.match(piece.before[start:])
    for at in (start, start + within.end()) if within else (start,):
        if not phrases().raised_any.match(piece.text, at):
            continue  # nearly always: one look instead of one for each pattern
        for pattern, word in phrases().raised:
            found = pattern.match(piece.text[at:])
            if found and found.end() <= len(piece.before) - at:
                time = f"{piece.before[:at]}{'' if at == start or '期间' in piece.before[:at] else '期间'}"
                piece.before = f"{time}{found.expand(word)}{piece.before[at + found.end() :]}"
                return


def _later_verb(piece: _Piece, before: Sequence[_Piece]) -> None:
    """«…，观众9.4万人次» -> «…，接待观众9.4万人次»; «，参与3.5万人次» and «，3.5万人次» -> «，3.5万人次参与»."""
    _raised(piece)
    noun = piece.before
    if not piece.amounts or noun.startswith("其中"):
        return
    taking_part = _TAKING_PART.match(noun)
    if piece.bare and piece.unit in ("人次", "人") and taking_part:
        piece.before, piece.rest = "", f"{piece.rest}{taking_part['verb']}"
    elif piece.bare and (not noun or _PEOPLE.match(noun)) and _is_visit(piece, before[-1]):
        _visits(piece, before)
    elif piece.rest.endswith("人次听"):
        piece.rest += "讲"
    elif (verb := phrases().verb_for(noun, piece.unit)) and not _VERBAL.search(noun):
        first = before[0].before
        loose = first.startswith(phrases().texts["stock.verbs"]) or phrases().period.search(first)
        fits = verb.later or (verb.flow and loose)
        if fits and not verb.behind and verb.verb not in first:
            piece.before = verb.verb + noun


def _is_visit(piece: _Piece, before: _Piece) -> bool:
    return piece.unit == "人次" or (piece.unit == "人" and not piece.before and before.unit in _EVENT_UNITS)


def _visits(piece: _Piece, before: Sequence[_Piece]) -> None:
    """«培训6期，180人次» -> «…，180人次参加»; who visits or is visited takes no part: «开放12天，共3100人次»."""
    if not phrases().visits.search("".join(p.text for p in before)):
        piece.rest += "参加"
    elif not piece.before:
        piece.before = "共"


def _parts_named(pieces: list[_Piece], fact: Fact) -> None:
    """«15人，专任9人、兼任6人» -> «15人，其中专任9人、兼任6人»: what adds up to the total before it is its parts."""
    if len(pieces) < 2 or "其中" in fact.text or len(pieces[0].amounts) != 1:
        return
    total = pieces[0].amounts[0]
    parts = [f for piece in pieces[1:] for f in piece.amounts]
    if len(parts) < 2 or not all(_summable(f, total) for f in (total, *parts)):
        return
    if sum(f.quantity.in_base for f in parts if f.quantity) == (total.quantity.in_base if total.quantity else None):
        pieces[1].before = f"其中{pieces[1].before}"


def _summable(figure: Figure, total: Figure) -> bool:
    kinds = (Kind.COUNT, Kind.MONEY, Kind.MEASURE)
    return figure.kind in kinds and figure.hedge is Hedge.EXACT and figure.upper is None and _unit(figure) == _unit(total)


def _parts_behind_totals(pieces: list[_Piece]) -> list[_Piece]:
    """«24场，1380人次听，其中健康讲座10场» -> «24场，其中健康讲座10场，1380人次听»."""
    at = next((i for i, p in enumerate(pieces) if p.before.startswith("其中") and p.amounts), 0)
    units = {_unit(f) for f in pieces[at].amounts}  # «18项，240万元，其中重点4项、80万元» is of both
    if at < 2 or any(_unit(f) in units for f in pieces[at - 1].amounts):
        return pieces
    home = next((i for i in range(at - 2, -1, -1) if any(_unit(f) == pieces[at].unit for f in pieces[i].amounts)), None)
    if home is None:
        return pieces
    end = at + 1
    while end < len(pieces) and pieces[end].unit == pieces[at].unit:
        end += 1
    return [*pieces[: home + 1], *pieces[at:end], *pieces[home + 1 : at], *pieces[end:]]


def _honour(piece: _Piece, fact: Fact, unit: str) -> str:
    """«全市科普工作先进单位» -> «获评…» where the file lists it as an honour, else «本馆为…»: when it came nobody says."""
    if piece.rest or _AWARD_VERB.search(piece.before):
        return piece.before
    listed = fact.role is Role.RESULTS
    if _PRIZE.match(piece.before):
        return f"获{piece.before}"
    if not _TITLE.match(piece.before):
        return piece.before
    if listed:
        return f"获评{piece.before}"
    return f"{phrases().self_of(unit)}为{piece.before}" if unit else f"为{piece.before}"


def _prize(piece: _Piece) -> None:
    """«省科普微视频大赛二等奖1个» -> «获省科普微视频大赛二等奖1个», whatever verb its noun goes with."""
    head = _TIME.match(piece.before)
    start = head.end() if head else 0
    if _is_prize(piece) and not _AWARD_VERB.search(piece.before):
        piece.before = f"{piece.before[:start]}获{piece.before[start:]}"


def _is_prize(piece: _Piece) -> bool:
    by_grade = bool(piece.amounts) and piece.amounts[0].kind is Kind.ORDINAL and piece.unit == "等奖"
    return by_grade or piece.before.endswith(("特等奖", "金奖", "银奖", "铜奖", "优秀奖", "优胜奖", "组织奖"))


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")


def _without_plus(text: str, fact: Fact) -> str:
    """«3万+份» -> «3万余份»: a plus is the clerk's shorthand, a summary writes it out. 余 stands behind round numbers only."""
    for figure in fact.figures:
        surface = figure.surface.replace("＋", "+")
        if "+" in surface and figure.quantity and (figure.quantity.value % 10 == 0 or "万" in surface or "亿" in surface):
            text = text.replace(figure.surface, surface.replace("+", "余"))
    return text


def _plain_digits(text: str) -> str:
    """One text writes figures one way: no thousands marks, no full-width digits."""
    return _GROUPED.sub("", text.translate(_FULL_WIDTH))
