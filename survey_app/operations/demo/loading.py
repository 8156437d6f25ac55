"""The demo: an invented province with surveys, links and believable, seeded answer sheets."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.clock import VIETNAM, local_date, start_of
from survey_app.integrity.office_time import is_working_day
from survey_app.operations.access.accounts import create_account
from survey_app.operations.access.passwords import prepare
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.demo import province as place
from survey_app.operations.demo.answers import SheetMaker, UnitTraits
from survey_app.operations.demo.flagged import (
    EPISODES,
    LARGEST_PART,
    Episode,
    FlaggedSheets,
    exclude_evening,
)
from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.surveys import close_survey, create_survey, open_survey
from survey_app.operations.figures.targets import set_target
from survey_app.operations.organisation.units import create_unit, succeed_unit
from survey_app.operations.questionnaires.publishing import (
    load_codebook,
    load_questionnaire,
    publish_questionnaire,
)
from survey_app.operations.questionnaires.supplied import FOLDER
from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    FreeText,
    Mode,
    QuestionnaireVersion,
    Survey,
    SurveyResponse,
)
from survey_app.storage.queries.accounts import account_by_username
from survey_app.storage.queries.surveys import list_surveys

DEFAULT_UNITS = 8
DEFAULT_RESPONSES = 1200
DEFAULT_SEED = 2026
REFORM_DAY = date(2025, 7, 1)
#: Sheets of the main survey, the rating at the counter and the year before, per sheet wanted.
SHARES = (1.0, 0.5, 0.75)
TARGET_MARGIN, RESPONSE_RATE = 0.05, 0.6
ROWS_AT_ONCE = 2000
ADMINISTRATOR = "quantri"
MODES = (Mode.PHONE, Mode.KIOSK, Mode.PAPER)
MODE_SHARES = (0.55, 0.35, 0.10)

#: Called with (sheets stored, sheets wanted).
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SignInSheet:
    """A demo account with its password in clear (made at random, on this machine only)."""

    role: str
    username: str
    password: str
    display_name: str


@dataclass(frozen=True)
class _SurveyPlan:
    code: str
    title: str
    questionnaire: str
    share_of_responses: float
    starts_on: date
    ends_on: date
    is_earlier: bool = False  # closed, with answers as they were before things improved
    has_episodes: bool = False  # some sheets came in oddly


def has_demo(session: Session) -> bool:
    """Whether the demo has been loaded."""
    return any(survey.is_demo for survey in list_surveys(session))


def is_untouched(session: Session) -> bool:
    """Whether nobody has made a survey yet."""
    return not list_surveys(session)


def load_demo(
    session: Session,
    *,
    now: datetime,
    units: int = DEFAULT_UNITS,
    responses: int = DEFAULT_RESPONSES,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda _done, _total: None,
) -> tuple[SignInSheet, ...]:
    """Load the demo province, with a survey of the year before; the same seed gives the same
    answers (links and passwords differ).

    ``units``: departments and communes surveyed. ``responses``: sheets of the main survey,
    spread unevenly over the units. Returns the accounts made.
    """
    random = np.random.default_rng(seed)
    surveyed = _create_units(session, units)
    traits = [UnitTraits.draw(random) for _ in surveyed]
    plans = _survey_plans(local_date(now).year)
    total = total_sheets(responses)
    done = 0
    for plan in plans:
        wanted = round(responses * plan.share_of_responses)
        counts = _spread(random, wanted, len(surveyed))
        survey = _create_survey(session, plan, surveyed, counts, random, now)
        points = _open_points(session, survey, surveyed)
        until = min(now, start_of(plan.ends_on))
        episodes = _episodes(counts) if plan.has_episodes else [None] * len(counts)
        for point, count, trait, episode in zip(points, counts, traits, episodes, strict=True):
            asked = trait.a_year_earlier(random) if plan.is_earlier else trait
            _store_sheets(session, survey, point, count, asked, random, until, episode)
            done += count
            progress(done, total)
        if plan.is_earlier:
            close_survey(survey)
        else:
            set_target(survey, margin=TARGET_MARGIN, response_rate=RESPONSE_RATE)
    sheets = _create_accounts(session, surveyed, now)
    administrator = account_by_username(session, ADMINISTRATOR)
    if administrator is not None:
        for survey in list_surveys(session):
            exclude_evening(session, survey, surveyed, administrator, now)
    return sheets


def total_sheets(responses: int) -> int:
    """Sheets of all surveys when the main one has so many."""
    return sum(round(responses * share) for share in SHARES)


def _episodes(counts: Sequence[int]) -> list[Episode | None]:
    """For each unit what happened there: the units with the most sheets have an episode each, if
    that is a small part of their sheets."""
    found: list[Episode | None] = [None] * len(counts)
    most_first = sorted(range(len(counts)), key=lambda unit: -counts[unit])
    for unit, episode in zip(most_first, EPISODES, strict=False):
        if episode.sheets <= LARGEST_PART * counts[unit]:
            found[unit] = episode
    return found


def _survey_plans(year: int) -> tuple[_SurveyPlan, ...]:
    """The surveys of this year, and the year before for comparison."""
    whole_year = date(year, 1, 1), date(year, 12, 31)
    year_before = max(date(year - 1, 1, 1), REFORM_DAY), date(year - 1, 12, 31)
    sipas = "Khảo sát sự hài lòng của người dân, tổ chức năm {} (minh họa)"
    rating = f"Đánh giá tại Bộ phận Một cửa năm {year} (minh họa)"
    counter, one_stop = "sipas-counter.yaml", "one-stop-rating.yaml"
    return (
        _SurveyPlan(
            f"SIPAS-{year}", sipas.format(year), counter, SHARES[0], *whole_year, has_episodes=True
        ),
        _SurveyPlan(f"MOTCUA-{year}", rating, one_stop, SHARES[1], *whole_year),
        _SurveyPlan(
            f"SIPAS-{year - 1}",
            sipas.format(year - 1),
            counter,
            SHARES[2],
            *year_before,
            is_earlier=True,
        ),
    )


def _create_units(session: Session, count: int) -> list[AdministrativeUnit]:
    province = create_unit(
        session,
        code=place.PROVINCE_CODE,
        name=place.PROVINCE_NAME,
        kind="province",
        place=place.PROVINCE_SEAT,
        valid_from=REFORM_DAY,
    )
    for number, name in enumerate(place.MERGED_INTO_PROVINCE, 1):
        code = f"{place.PROVINCE_CODE}.CU{number}"
        former = create_unit(
            session, code=code, name=name, kind="province", valid_from=None, valid_to=REFORM_DAY
        )
        succeed_unit(session, former, province)
    units = []
    for number in range(count):
        name, kind = place.unit_name(number)
        unit = create_unit(
            session,
            code=f"{place.PROVINCE_CODE}.{number + 1:02}",
            name=name,
            kind=kind,
            parent_id=province.id,
            valid_from=REFORM_DAY,
        )
        units.append(unit)
    return units


def _spread(random: np.random.Generator, total: int, units: int) -> list[int]:
    """Sheets of each unit: uneven, and one unit with too few to be reported on."""
    shares = random.lognormal(0, 0.5, units)
    counts = np.floor(shares / shares.sum() * total).astype(int)
    if units > 5 and total > 20 * units:
        counts[-1] = 3
    counts[0] += total - counts.sum()
    return [int(count) for count in counts]


def _create_survey(
    session: Session,
    plan: _SurveyPlan,
    units: Sequence[AdministrativeUnit],
    counts: Sequence[int],
    random: np.random.Generator,
    now: datetime,
) -> Survey:
    source = (FOLDER / plan.questionnaire).read_text(encoding="utf-8")
    version = publish_questionnaire(session, source, now=now).version
    populations = {
        # Most units know how many dossiers they handled; every fourth does not.
        unit.id: None if number % 4 == 3 else round(count * random.uniform(1.3, 12)) + 40
        for number, (unit, count) in enumerate(zip(units, counts, strict=True))
    }
    survey = create_survey(
        session,
        code=plan.code,
        title=plan.title,
        version_id=version.id,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        units=populations,
        now=now,
        is_demo=True,
    )
    survey.version = version
    open_survey(survey)
    return survey


def _open_points(
    session: Session, survey: Survey, units: Sequence[AdministrativeUnit]
) -> list[CollectionPoint]:
    return [
        add_collection_point(session, survey, unit.id, label="Bộ phận Một cửa") for unit in units
    ]


def _store_sheets(
    session: Session,
    survey: Survey,
    point: CollectionPoint,
    count: int,
    traits: UnitTraits,
    random: np.random.Generator,
    until: datetime,
    episode: Episode | None,
) -> None:
    version: QuestionnaireVersion = survey.version
    questionnaire, codebook = load_questionnaire(version), load_codebook(version)
    maker = SheetMaker(questionnaire, codebook, traits, random)
    flagged = FlaggedSheets(questionnaire, codebook, random)
    hours = _office_hours(survey.starts_on, until)
    if episode is not None:
        odd = flagged.episode(episode, point, survey, maker, until)
        session.execute(insert(SurveyResponse), list(odd))
        count -= episode.sheets
    for start in range(0, count, ROWS_AT_ONCE):
        rows, texts = [], []
        for _ in range(min(ROWS_AT_ONCE, count - start)):
            key = random.bytes(16)
            sheet = maker.make()
            mode = MODES[random.choice(len(MODES), p=MODE_SHARES)]
            hour = hours[random.integers(len(hours))]
            seconds = int(random.integers(60, 260))
            row = {
                "unit_id": point.unit_id,
                "response_key": key,
                "survey_id": survey.id,
                "collection_point_id": point.id,
                "mode": mode,
                "language": "vi",
                "received_hour": hour,
                "seconds": None if mode is Mode.PAPER else seconds,
                "version_number": version.number,
                "answers": sheet.answers,
            }
            rows.append(flagged.flag(row, sheet))
            texts += [
                {
                    "unit_id": point.unit_id,
                    "response_key": key,
                    "question_code": code,
                    "text": text,
                    "is_hidden": False,
                }
                for code, text in sheet.texts.items()
            ]
        session.execute(insert(SurveyResponse), rows)
        if texts:
            session.execute(insert(FreeText), texts)


def _office_hours(first: date, until: datetime) -> list[datetime]:
    """Full hours at which counters were open from ``first`` until then."""
    opening = datetime(first.year, first.month, first.day, 8, tzinfo=VIETNAM)
    days = (until - opening).days + 1
    hours = [
        opening + timedelta(days=day, hours=hour)
        for day in range(days)
        if is_working_day(first + timedelta(days=day))
        for hour in (0, 1, 2, 6, 7, 8)
    ]
    return [hour for hour in hours if hour <= until] or [opening]


def _create_accounts(
    session: Session, units: Sequence[AdministrativeUnit], now: datetime
) -> tuple[SignInSheet, ...]:
    province, unit = units[0].parent_id, units[0]
    wanted = (
        (AccountRole.ADMINISTRATOR, ADMINISTRATOR, "Quản trị minh họa", None),
        (AccountRole.OFFICER, "canbo", "Cán bộ cải cách tỉnh (minh họa)", province),
        (AccountRole.OFFICER, "donvi", f"Cán bộ {unit.name} (minh họa)", unit.id),
        (AccountRole.SURVEY_MANAGER, "khaosat", "Quản lý khảo sát tỉnh (minh họa)", province),
        (AccountRole.CLERK, "motcua", f"Cán bộ Một cửa {unit.name} (minh họa)", unit.id),
        (AccountRole.LEADER, "lanhdao", "Lãnh đạo tỉnh (minh họa)", province),
        (AccountRole.AUDITOR, "kiemtra", "Kiểm tra, thanh tra (minh họa)", None),
    )
    sheets = []
    for role, username, display_name, unit_id in wanted:
        password = secrets.token_urlsafe(9)
        create_account(
            session,
            username=username,
            display_name=display_name,
            role=role,
            password=prepare(password, username),
            unit_id=unit_id,
            is_everywhere=unit_id is None,
            now=now,
        )
        sheets.append(SignInSheet(role, username, password, display_name))
    return tuple(sheets)
