"""Standings of like units: the typed result that page, Excel and JSON share, and its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from markupsafe import Markup

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import Estimate
from survey_app.i18n import format_date, format_number
from survey_app.questionnaire.definition import Questionnaire
from survey_app.ranking.compare import RankMethod
from survey_app.ranking.rank_sets import RankSet
from survey_app.reporting import charts, formats, tables, wording
from survey_app.reporting.charts import HEIGHT, WIDTH, Drawing, Rectangle
from survey_app.reporting.figures.quality import SheetQuality, UnitQuality
from survey_app.reporting.figures.several_units import Verdict as Verdict
from survey_app.reporting.figures.subjects import SurveySubject
from survey_app.reporting.formats import points as points
from survey_app.reporting.origins import Regrouped, VersionMix
from survey_app.reporting.report import IntervalBar
from survey_app.reporting.results import boundaries, integrity, versions
from survey_app.text import clean_line

#: A group of more units is named by its first and last.
MOST_NAMED = 6
#: So many groups are told in prose; the files list them all.
MOST_GROUPS = 8
#: Up to so many ranks each has its own place drawn.
MOST_DRAWN = 30

# As in the drawings of a report: dark on light, legible in grey print.
_BAR, _INK, _GRID = "#8fb4cb", "#1b2530", "#d4d9de"


#: Names of units, group by group.
Groups = tuple[tuple[str, ...], ...]


class BlockMethod(StrEnum):
    """How the units of a block count in its mean."""

    DOSSIERS = "dossiers"  # by the dossiers they handled
    PLAIN = "plain"  # all alike


@dataclass(frozen=True)
class Place:
    """A ranked unit. ``standard_error`` is the one it was compared with; ``difference`` is from
    the mean of the block and ``p_value`` adjusted for all units of the block."""

    code: str
    name: str
    n: int
    population: int | None
    index: Estimate
    standard_error: float
    ranks: RankSet
    difference: float
    p_value: float
    verdict: Verdict


@dataclass(frozen=True)
class Unranked:
    """A unit that stands apart; ``n`` is None where there are too few sheets even to count."""

    code: str
    name: str
    n: int | None
    index: Estimate


@dataclass(frozen=True)
class Block:
    """Units of like kind, compared with one another and with nobody else.

    ``groups``: neighbours in the table no two of whom can be told apart, highest index first.
    ``pairs``: two who cannot either, though something between them can. ``mean`` is None and
    ``places`` empty unless two units at least can be compared. ``quality``: the flagged sheets of
    all its units, ``by_unit`` those of each that has any.
    """

    code: str
    name: str
    places: tuple[Place, ...]
    unranked: tuple[Unranked, ...]
    groups: Groups
    pairs: Groups
    mean: Estimate | None
    mean_method: BlockMethod
    is_alone: bool
    quality: SheetQuality | None = None
    by_unit: tuple[UnitQuality, ...] = ()

    @property
    def units(self) -> int:
        return len(self.places) + len(self.unranked)

    @property
    def sheets(self) -> int:
        """Sheets of the ranked units."""
        return sum(place.n for place in self.places)


@dataclass(frozen=True)
class Standings:
    """Blocks of a survey as an account sees it. ``choices``: (code, name) of what can be shown;
    ``chosen``: what is; ``scope``: whose units these are. ``boundaries``: the units that were
    regrouped by the boundaries of today; None = by the boundaries of the survey."""

    survey: SurveySubject
    questionnaire: Questionnaire
    scope: str
    data_until: date
    blocks: tuple[Block, ...]
    choices: tuple[tuple[str, str], ...]
    chosen: str
    minimum: int
    confidence: float
    draws: int
    seed: int
    boundaries: tuple[Regrouped, ...] | None = None
    versions: VersionMix | None = None


# ── words ─────────────────────────────────────────────────────────────────────────────────────


def quality_sentence(block: Block) -> str:
    """How many sheets of a block are flagged and how many excluded."""
    return integrity.counts_sentence(block.quality) if block.quality else ""


def few(count: int | None) -> str:
    """A number of sheets, or that it is small."""
    return integrity.said(count)


def rank(ranks: RankSet) -> str:
    """The rank in the sample, never without its set.

    >>> rank(RankSet(2, 1, 4)), rank(RankSet(3, 3, 3))
    ('2 (1–4)', '3 (3)')
    """
    return f"{ranks.rank} ({_span(ranks)})"


def rank_set(ranks: RankSet) -> str:
    """The ranks a unit may truly have.

    >>> rank_set(RankSet(2, 1, 4)), rank_set(RankSet(3, 3, 3))
    ('hạng 1–4', 'hạng 3')
    """
    return f"hạng {_span(ranks)}"


def _span(ranks: RankSet) -> str:
    return str(ranks.low) if ranks.low == ranks.high else f"{ranks.low}–{ranks.high}"


def index(estimate: Estimate) -> str:
    """The index as percent, or why there is none."""
    return formats.cell(tables.share(estimate))


def interval(estimate: Estimate) -> str:
    """The interval of an index; a census has none to give."""
    if estimate.is_census:
        return "toàn bộ"
    return formats.interval(estimate.interval) if estimate.interval else ""


def index_bar(estimate: Estimate) -> Markup:
    """The index drawn with its interval; nothing where there is none."""
    bar = tables.bar(estimate)
    return charts.svg(bar) if isinstance(bar, IntervalBar) else Markup("")


def sheets(n: int | None) -> str:
    return f"dưới {MINIMUM_BASE}" if n is None else formats.count(n)


def group_sentences(block: Block) -> tuple[str, ...]:
    """Which units cannot be told apart, in prose."""
    if not block.places:
        return ()
    if not block.groups and not block.pairs:
        return ("Mọi đơn vị trong khối đều đã phân biệt được với nhau.",)
    if any(len(group) == len(block.places) for group in block.groups):
        text = (
            "Chưa phân biệt được bất kỳ hai đơn vị nào trong khối: thứ tự trong bảng có thể chỉ "
            "do ngẫu nhiên."
        )
        return (text,)
    return (*_said(block.groups, "nhóm"), *_said(block.pairs, "cặp không đứng liền nhau"))


def _said(groups: Groups, what: str) -> Iterator[str]:
    """The first groups by name, the others by number."""
    for group in groups[:MOST_GROUPS]:
        yield f"Chưa phân biệt được: {_members(group)}."
    left = len(groups) - MOST_GROUPS
    if left > 0:
        yield f"Còn {formats.count(left)} {what} nữa, có trong tệp Excel và JSON."


def _members(group: tuple[str, ...]) -> str:
    if len(group) > MOST_NAMED:
        size = formats.count(len(group))
        return f"{size} đơn vị liền nhau trong bảng, từ {group[0]} đến {group[-1]}"
    return f"{', '.join(group[:-1])} và {group[-1]}"


def why_unranked(block: Block) -> str:
    """Why units stand apart, as a heading."""
    if block.is_alone:
        return "Chưa xếp hạng: cần ít nhất hai đơn vị cùng khối có đủ phiếu để so sánh"
    return "Chưa đủ phiếu để xếp hạng"


def mean_note(block: Block) -> str:
    """What the mean of a block is a mean of, and how."""
    ranked = f"{formats.count(len(block.places))} đơn vị được xếp hạng"
    if block.mean_method is BlockMethod.DOSSIERS:
        return f"bình quân của {ranked}, trọng số là số hồ sơ trong kỳ"
    return f"bình quân cộng của {ranked} (chưa biết đủ số hồ sơ nên mỗi đơn vị tính như nhau)"


def title(standings: Standings) -> str:
    return f"Khoảng hạng của các đơn vị: {clean_line(standings.survey.title)}"


def provisional(standings: Standings) -> str:
    """That answers still come in, or nothing."""
    return wording.provisional(standings.survey)


# ── drawing ───────────────────────────────────────────────────────────────────────────────────


def rank_drawing(ranks: RankSet, units: int) -> Drawing:
    """A rank set on the line 1..units, the highest place on the left; the rank in the sample as
    a mark."""
    step = WIDTH / units
    lines = range(units + 1) if units <= MOST_DRAWN else (0, units)
    shapes = [Rectangle(min(line * step, WIDTH - 3), 0, 3, HEIGHT, _GRID) for line in lines]
    left, right = (ranks.low - 1) * step, ranks.high * step
    shapes.append(Rectangle(left, 24, right - left, 52, _BAR))
    mark = min(20.0, step)
    shapes.append(Rectangle((ranks.rank - 0.5) * step - mark / 2, 12, mark, 76, _INK))
    text = f"Hạng {ranks.rank} theo mẫu, khoảng {rank_set(ranks)} trong {units} đơn vị"
    return Drawing(tuple(shapes), text)


def rank_bar(ranks: RankSet, units: int) -> Markup:
    """The rank set as inline SVG, as wide as its cell."""
    return charts.inline(rank_drawing(ranks, units))


# ── method ────────────────────────────────────────────────────────────────────────────────────


def method_facts(standings: Standings) -> Iterator[tuple[str, str]]:
    """How every number was made: label and text."""
    survey, questionnaire = standings.survey, standings.questionnaire
    period = f"{format_date(survey.starts_on)}–{format_date(survey.ends_on)}"
    yield "Cuộc khảo sát", f"{clean_line(survey.title)} (mã {survey.code}), {period}"
    yield wording.version(survey)
    for text in boundaries.sentences(standings.boundaries):
        yield "Địa giới", text
    if standings.versions:
        yield "Phiên bản trong kỳ", " ".join(versions.sentences(standings.versions))
    yield "Phạm vi", f"{standings.scope}; mỗi khối chỉ so sánh các đơn vị cùng loại với nhau"
    rule = wording.item_rule(questionnaire.scoring.item, questionnaire)
    yield "Cách tính một câu trả lời", rule
    roll_up = wording.roll_up(questionnaire.scoring.roll_up, questionnaire)
    yield "Cách gộp thành chỉ số", roll_up
    yield (
        "Số phiếu tối thiểu",
        f"{standings.minimum} phiếu có trả lời để được xếp hạng; dưới {MINIMUM_BASE} phiếu không "
        "nêu kết quả",
    )
    yield from _facts_of_comparing(standings)
    if provisional(standings):
        yield "Tình trạng", provisional(standings)
    yield "Ngày chốt số liệu", format_date(standings.data_until)


def _facts_of_comparing(standings: Standings) -> Iterator[tuple[str, str]]:
    level = formats.confidence_level(standings.confidence)
    yield (
        "Sai số chuẩn để so sánh",
        "sai số chuẩn ổn định: tính như khi mỗi đơn vị có thêm 2 phiếu hài lòng hoàn toàn và 2 "
        "phiếu hoàn toàn không hài lòng, để đơn vị có mọi phiếu giống nhau không bị coi là chắc "
        "chắn; không hiệu chỉnh tổng thể hữu hạn, vì so sánh cách phục vụ chứ không chỉ so sánh số "
        "hồ sơ của một kỳ. Khoảng tin cậy của từng chỉ số vẫn tính theo sai số chuẩn thông thường",
    )
    yield (
        f"Khoảng hạng {level}",
        "khoảng hạng đồng thời theo Mogstad, Romano, Shaikh và Wilhelm (2024): mọi thứ hạng "
        f"thật trong khối cùng nằm trong khoảng của mình với độ tin cậy {level}. Hạng theo mẫu "
        "là 1 cộng số đơn vị có chỉ số cao hơn; các đơn vị bằng nhau cùng hạng",
    )
    yield "Giá trị tới hạn", "; ".join(_critical(standings)) or "không có gì để so sánh"
    yield (
        "So với bình quân khối",
        "kiểm định hai phía về chỉ số trừ bình quân của khối (gồm cả đơn vị đó), hiệu chỉnh Holm "
        f"cho mọi đơn vị trong khối, mức ý nghĩa {formats.percent(1 - standings.confidence, 0)}",
    )


def _critical(standings: Standings) -> Iterator[str]:
    draws = formats.count(standings.draws)
    for block in standings.blocks:
        if not block.places:
            continue
        ranks = block.places[0].ranks
        value = format_number(ranks.critical_value, 3)
        how = f"mô phỏng {draws} lần, hạt giống {standings.seed}"
        if ranks.method is RankMethod.HOLM:
            how = "thủ tục Holm trên mọi cặp, không mô phỏng"
        yield f"{block.name}: c = {value} ({how})"
