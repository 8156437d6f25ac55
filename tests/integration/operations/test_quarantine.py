"""Decisions on flagged sheets: in groups, blind, never about a few, and felt by every figure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Forbidden, Invalid, NotFound
from survey_app.integrity.flags import Flag
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.summaries import survey_summaries
from survey_app.operations.fieldwork.surveyed_units import fieldwork_units
from survey_app.operations.figures.overview import overview
from survey_app.operations.figures.targets import progress_of
from survey_app.operations.organisation.subjects import describe_scope
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.documents import batch_stamp
from survey_app.operations.review import quarantine
from survey_app.operations.review.moderation import unit_comments
from survey_app.operations.review.quarantine import REST, Group, Quarantine, Verdict, Wish
from survey_app.questionnaire.definition import Role
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.storage.models import (
    Account,
    AdministrativeUnit,
    Mode,
    Review,
    Survey,
    SurveyResponse,
)
from survey_app.storage.queries.reviews import flagged_counts
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit, recorded

TODAY = date(2026, 6, 15)
REASON = "Đã kiểm tra với bộ phận một cửa."
HASTY = {"mode": Mode.KIOSK, "seconds": 1}


@dataclass(frozen=True)
class Office:
    survey: Survey
    province: AdministrativeUnit
    ward: AdministrativeUnit
    other: AdministrativeUnit
    admin: Account
    above: Account
    own: Account
    token: str


def send(
    session: Session, token: str, count: int, level: str, at: datetime = NOW, **fields: object
) -> None:
    """So many sheets with five answers, so that their pace can be judged."""
    questions = _five_questions(session)
    for _ in range(count):
        answer(session, token, dict.fromkeys(questions, level), at=at, **fields)


def _five_questions(session: Session) -> list[str]:
    survey = session.scalars(select(Survey).order_by(Survey.id)).first()
    assert survey is not None
    return [q.code for _, q in load_questionnaire(survey.version).criteria][:5]


@pytest.fixture
def office(session: Session) -> Office:
    """A ward with 20 satisfied sheets, 12 hasty ones with the worst level on two days, and 3 more
    on a third; another ward with 10."""
    province = make_unit(session, "H01", "Tỉnh Mẫu", "province")
    ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=province)
    other = make_unit(session, "H01.02", "Phường Hòa Thuận", parent=province)
    survey = make_survey(session, {ward: 400, other: 300})
    token = make_point(session, survey, ward).token
    send(session, token, 20, "5", seconds=90)
    send(session, token, 6, "1", **HASTY)
    send(session, token, 6, "1", at=NOW + timedelta(days=1), **HASTY)
    send(session, token, 3, "1", at=NOW + timedelta(days=2), **HASTY)
    elsewhere = make_point(session, survey, other).token
    send(session, elsewhere, 7, "5", seconds=90)
    send(session, elsewhere, 3, "1", **HASTY)
    return Office(
        survey,
        province,
        ward,
        other,
        make_account(session),
        make_account(session, "tinh", AccountRole.OFFICER, province),
        make_account(session, "phuong", AccountRole.OFFICER, ward),
        token,
    )


def look(session: Session, office: Office, unit: AdministrativeUnit | None = None) -> Quarantine:
    return quarantine.unit_quarantine(
        session, office.survey, unit or office.ward, office.admin, today=local_date(NOW)
    )


def wish(
    groups: Collection[Group], verdict: Verdict = Verdict.EXCLUDED, reason: str = REASON
) -> Wish:
    return Wish(verdict, reason, {group.code: group.fingerprint for group in groups})


def decide(
    session: Session, office: Office, wanted: Wish, account: Account | None = None
) -> Review:
    return quarantine.decide(
        session, office.survey, office.ward, wanted, account=account or office.admin, now=NOW
    )


def exclude_two_days(session: Session, office: Office) -> Review:
    return decide(session, office, wish(look(session, office).groups[:2]))


def index_of(session: Session, office: Office) -> float | None:
    figures = measure_unit(session, office.survey, office.ward.id, today=TODAY)
    return figures.overall.index.value if figures.overall else None


# ── the list ──────────────────────────────────────────────────────────────────────────────────


def test_groups_by_day_the_small_ones_together(session: Session, office: Office) -> None:
    first, second, rest = look(session, office).groups
    assert (first.sheets, second.sheets, rest.sheets) == (6, 6, None)
    assert (first.place, first.mode, first.hours) == ("Quầy số 1", Mode.KIOSK, (10, 10))
    assert [first.first_day.day, second.first_day.day, rest.last_day.day] == [15, 16, 17]
    assert first.flags == (Flag.TOO_FAST,)
    # What is small has neither place nor hour nor number.
    assert (rest.code, rest.place, rest.mode, rest.hours) == (REST, "", "", None)


def test_the_list_says_nothing_of_answers(session: Session, office: Office) -> None:
    """Two units whose flagged sheets differ in nothing but their answers look the same."""
    before = look(session, office)
    everything = select(SurveyResponse).where(SurveyResponse.unit_id == office.ward.id)
    for row in session.scalars(everything):
        row.answers = bytes(reversed(row.answers))
    session.flush()
    assert look(session, office).groups == before.groups
    assert "3" not in before.groups[-1].fingerprint.split(".")[0]


def test_numbers_by_unit(session: Session, office: Office) -> None:
    ward, other = quarantine.list_quarantine(session, office.survey, None)
    assert (ward.waiting, ward.accepted, ward.excluded) == (15, 0, 0)
    assert (other.waiting, other.excluded) == (None, 0)
    assert [
        line.unit.code
        for line in quarantine.list_quarantine(session, office.survey, [office.other.id])
    ] == ["H01.02"]


# ── deciding ──────────────────────────────────────────────────────────────────────────────────


def test_several_groups_at_once(session: Session, office: Office) -> None:
    review = exclude_two_days(session, office)
    assert (review.sheets, review.verdict, review.flags) == (12, "excluded", Flag.TOO_FAST)
    assert (review.reason, review.account_id) == (REASON, office.admin.id)
    assert review.decided_at == NOW.replace(minute=0)
    (line,) = recorded(session)
    assert (line.action, line.subject) == ("sheets.exclude", "KS-2026 H01.01 12")
    assert [group.code for group in look(session, office).groups] == [REST]


def test_nothing_is_deleted_and_a_decision_can_be_turned(session: Session, office: Office) -> None:
    count = select(func.count()).select_from(SurveyResponse)
    before, stored = index_of(session, office), session.scalar(count)
    former = exclude_two_days(session, office)
    assert session.scalar(count) == stored
    turned = quarantine.reconsider(
        session,
        office.survey,
        office.ward,
        former.id,
        reason="Đã hỏi lại: đoàn đi cùng nhau.",
        account=office.above,
        now=NOW,
    )
    assert (turned.verdict, turned.sheets, turned.replaces_id) == ("accepted", 12, former.id)
    assert index_of(session, office) == before
    latest, earlier = look(session, office).decisions
    assert (latest.is_current, earlier.is_current) == (True, False)
    with pytest.raises(Conflict):
        quarantine.reconsider(
            session,
            office.survey,
            office.ward,
            former.id,
            reason=REASON,
            account=office.admin,
            now=NOW,
        )


def test_a_few_sheets_are_never_moved_alone(session: Session, office: Office) -> None:
    rest = look(session, office).groups[-1]
    with pytest.raises(Invalid, match="ít nhất 5 phiếu"):
        decide(session, office, wish([rest]))
    assert decide(session, office, wish(look(session, office).groups)).sheets == 15


@pytest.mark.parametrize(
    ("groups", "reason", "where"),
    [(2, "", ["reason"]), (2, " ngắn  ", ["reason"]), (0, "", ["groups", "reason"])],
)
def test_a_reason_is_needed(
    session: Session, office: Office, groups: int, reason: str, where: list[str]
) -> None:
    wanted = wish(look(session, office).groups[:groups], reason=reason)
    with pytest.raises(Invalid) as caught:
        decide(session, office, wanted)
    assert [problem.where for problem in caught.value.problems] == where
    assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_what_came_meanwhile_is_not_decided_on(session: Session, office: Office) -> None:
    wanted = wish(look(session, office).groups[:1])
    send(session, office.token, 1, "1", **HASTY)
    with pytest.raises(Conflict, match="vừa thay đổi"):
        decide(session, office, wanted)
    with pytest.raises(Conflict):
        decide(session, office, Wish(Verdict.EXCLUDED, REASON, {"9.20260615.kiosk.1": "6"}))


def test_nobody_judges_his_own_unit(session: Session, office: Office) -> None:
    groups = look(session, office).groups
    with pytest.raises(Forbidden):
        decide(session, office, wish(groups), office.own)
    seen = quarantine.unit_quarantine(
        session, office.survey, office.ward, office.own, today=local_date(NOW)
    )
    assert (seen.may_judge, seen.groups) == (False, groups)
    review = decide(session, office, wish(groups), office.above)
    with pytest.raises(Forbidden):
        quarantine.reconsider(
            session,
            office.survey,
            office.ward,
            review.id,
            reason=REASON,
            account=office.own,
            now=NOW,
        )


def test_a_decision_of_another_unit_is_not_found(session: Session, office: Office) -> None:
    review = exclude_two_days(session, office)
    with pytest.raises(NotFound):
        quarantine.reconsider(
            session,
            office.survey,
            office.other,
            review.id,
            reason=REASON,
            account=office.admin,
            now=NOW,
        )


def test_later_sheets_of_the_same_kind_wait_for_a_decision_of_their_own(
    session: Session, office: Office
) -> None:
    exclude_two_days(session, office)
    send(session, office.token, 5, "1", **HASTY)
    assert look(session, office).groups[0].sheets == 5


# ── figures ───────────────────────────────────────────────────────────────────────────────────


def test_flagged_sheets_count_until_they_are_excluded(session: Session, office: Office) -> None:
    assert index_of(session, office) == pytest.approx(20 / 35)
    decide(session, office, wish(look(session, office).groups[:2], Verdict.ACCEPTED))
    assert index_of(session, office) == pytest.approx(20 / 35)


def test_excluded_sheets_leave_every_figure(session: Session, office: Office) -> None:
    def readers() -> list[object]:
        survey, ward = office.survey, office.ward
        figures = measure_unit(session, survey, ward.id, today=TODAY)
        line = overview(session, survey, [ward.id])[0]
        (summary,) = survey_summaries(session, [ward.id])
        row = next(r for r in fieldwork_units(session, survey) if r.unit is ward)
        return [
            figures.n,
            sum(count or 0 for count in figures.by_mode.values()),
            figures.factors[0].criteria[0].tally.n,
            line.n,
            summary.sheets,
            row.sheets,
            progress_of(session, survey, [ward.id])[0].valid,
        ]

    stamp = batch_stamp(session, office.survey, "pdf", today=TODAY)
    assert set(readers()) == {35}
    exclude_two_days(session, office)
    found = readers()
    modes = found.pop(1)  # 20 by telephone, 3 at the kiosk, which are hidden
    assert (modes, set(found)) == (0, {23})
    assert batch_stamp(session, office.survey, "pdf", today=TODAY) != stamp
    assert index_of(session, office) == pytest.approx(20 / 23)


def test_comments_of_excluded_sheets_are_not_shown(session: Session, office: Office) -> None:
    for number in range(5):
        answers = dict.fromkeys(_five_questions(session), "1") | {"comment": f"Bịa {number}"}
        answer(session, office.token, answers, at=NOW + timedelta(days=5), **HASTY)
    shown = unit_comments(session, office.survey, office.ward.id)
    assert shown and len(shown) == 5
    decide(session, office, wish([look(session, office).groups[2]]))
    assert unit_comments(session, office.survey, office.ward.id) == ()


def test_both_indices_with_intervals(session: Session, office: Office) -> None:
    exclude_two_days(session, office)
    quality = measure_unit(session, office.survey, office.ward.id, today=TODAY).quality
    assert quality is not None and quality.everything is not None
    assert quality.everything.value == pytest.approx(20 / 35)
    assert quality.everything.n == 35
    assert quality.everything.interval is not None
    total = quality.total
    assert (total.waiting, total.accepted, total.excluded) == (None, 0, 12)
    assert quality.by_flag[Flag.TOO_FAST] == total


def test_a_few_excluded_sheets_are_not_told_by_subtraction(
    session: Session, office: Office
) -> None:
    """Were fewer excluded than the minimum base, both indices together would tell their answers."""
    exclude_two_days(session, office)
    keys = session.scalars(
        select(SurveyResponse.response_key).where(SurveyResponse.review_id.is_not(None)).limit(8)
    ).all()
    session.execute(
        text(
            "UPDATE survey_response SET review_id = NULL WHERE response_key IN ({})".format(
                ",".join(f"x'{key.hex()}'" for key in keys)
            )
        )
    )
    quality = measure_unit(session, office.survey, office.ward.id, today=TODAY).quality
    assert quality is not None
    assert (quality.total.excluded, quality.everything) == (None, None)


def test_all_but_a_few_excluded(session: Session, office: Office) -> None:
    """What is left is too little to report on, and so is what was there before."""
    session.execute(text("UPDATE survey_response SET flags = 1 WHERE seconds = 90"))
    groups = look(session, office).groups
    decide(session, office, wish([g for g in groups if g.code != REST]))
    figures = measure_unit(session, office.survey, office.ward.id, today=TODAY)
    assert figures.withheld and figures.overall is None
    assert figures.quality is not None and figures.quality.total.excluded == 32


def test_joined_figures(session: Session, office: Office) -> None:
    def joined() -> UnitFigures:
        subject = describe_scope(office.province, [])
        return measure_consolidated(session, office.survey, None, subject, today=TODAY)

    before = joined()
    exclude_two_days(session, office)
    after = joined()
    assert (before.n, after.n) == (45, 33)
    quality = after.quality
    assert quality is not None and before.overall is not None
    assert quality.everything == before.overall.index
    assert (quality.total.waiting, quality.total.excluded) == (6, 12)


def test_flagged_sheets_are_found_by_their_own_index(session: Session, office: Office) -> None:
    statement = (
        "EXPLAIN QUERY PLAN SELECT unit_id, flags, count(*) FROM survey_response "
        "WHERE survey_id = 1 AND flags != 0 GROUP BY unit_id, flags"
    )
    plan = " ".join(row[-1] for row in session.execute(text(statement)))
    assert "ix_survey_response_flagged" in plan
    assert sum(row.sheets for row in flagged_counts(session, office.survey.id)) == 18


def test_unfinished_sheets_are_counted(session: Session, office: Office) -> None:
    for question in load_questionnaire(office.survey.version).with_role(Role.OVERALL):
        for _ in range(6):
            answer(session, office.token, {question.code: "4"}, is_partial=True)
    quality = measure_unit(session, office.survey, office.ward.id, today=TODAY).quality
    assert quality is not None and quality.partial == 6
