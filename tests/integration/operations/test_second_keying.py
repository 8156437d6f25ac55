"""Second keying: chosen unforeseeably, keyed blind by others, decided by the paper, counted."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Closed, Forbidden, Invalid, NotFound
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.integrity.flags import Flag
from survey_app.operations.access.accounts import Account, AccountRole
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.paper import second_keying
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.imports import list_notices
from survey_app.operations.paper.keying_decisions import (
    NEITHER,
    ONE,
    OTHER,
    OpenForm,
    Ruling,
    corrected_forms,
    find_open_form,
    open_forms,
    settle_form,
)
from survey_app.operations.paper.keying_quality import measure_quality
from survey_app.operations.paper.second_keying import key_again, set_second_keying, waiting_forms
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.review.quarantine import (
    Verdict,
    Wish,
    decide,
    reconsider,
    unit_quarantine,
)
from survey_app.reporting.fieldwork.keying_quality import KeyingQuality, verdict
from survey_app.storage.models import (
    CollectionPoint,
    FreeText,
    SecondKeying,
    Survey,
    SurveyResponse,
)
from tests.factories import NOW, make_account, make_point, make_survey, make_unit, noted, recorded
from tests.integration.operations.keying import SECRET, a_file, check, first_unit, keyed, stored

FORM = {"access.signage": "5", "visit.trips": "4", "visit.trips_reason": "2"}


@pytest.fixture
def survey(session: Session) -> Survey:
    """Every form is keyed twice."""
    found = make_survey(session, [make_unit(session), make_unit(session, "H01.02", "Xã Hai")])
    set_second_keying(found, share=1.0, same_clerk=False)
    return found


@pytest.fixture
def point(session: Session, survey: Survey) -> CollectionPoint:
    return make_point(session, survey, first_unit(session, survey))


@pytest.fixture
def lan(session: Session, survey: Survey) -> Account:
    return make_account(session, "lan", AccountRole.OFFICER, first_unit(session, survey))


@pytest.fixture
def mai(session: Session, survey: Survey) -> Account:
    return make_account(session, "mai", AccountRole.OFFICER, first_unit(session, survey))


@pytest.fixture
def desk(session: Session, survey: Survey, point: CollectionPoint, lan: Account, mai: Account):  # type: ignore[no-untyped-def]
    return Desk(session, survey, point, lan, mai)


class Desk:
    """A counter whose forms Lan keys first and Mai a second time."""

    def __init__(
        self, session: Session, survey: Survey, point: CollectionPoint, lan: Account, mai: Account
    ) -> None:
        self.session, self.survey, self.point = session, survey, point
        self.lan, self.mai = lan, mai

    def key(
        self, number: str, answers: Mapping[str, str] = FORM, who: Account | None = None
    ) -> bool:
        keyed = key_form(
            self.session,
            self.survey,
            self.point,
            TypedForm(number, answers),
            secret=SECRET,
            account=who or self.lan,
            now=NOW,
        )
        return keyed.is_new

    def again(
        self, number: str, answers: Mapping[str, str] = FORM, who: Account | None = None
    ) -> str:
        return key_again(
            self.session,
            self.survey,
            self.point,
            TypedForm(number, answers),
            secret=SECRET,
            account=who or self.mai,
            now=NOW,
        )

    def waiting(self, who: Account) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        found = waiting_forms(self.session, self.survey, None, who)
        return [(here.numbers, here.own) for here in found]

    def open(self) -> OpenForm:
        (form,) = open_forms(self.session, self.survey, None)
        return form

    def settle(self, rulings: Mapping[str, Ruling], who: Account | None = None) -> tuple[str, ...]:
        return settle_form(
            self.session, self.survey, self.open(), rulings, account=who or self.mai, now=NOW
        )

    def ruling(self, code: str, wanted: object) -> Ruling:
        """The ruling for that one of the two answers."""
        (item,) = [item for item in self.open().disagreements if item.question.code == code]
        return Ruling(ONE if item.answers[0] == wanted else OTHER)

    def quality(self) -> KeyingQuality:
        return measure_quality(self.session, self.survey, None, None, today=local_date(NOW))

    def row(self) -> SecondKeying:
        return self.session.scalars(select(SecondKeying)).one()


# ── choosing ──────────────────────────────────────────────────────────────────────────────────


def test_the_choice_keeps_to_the_share_and_depends_on_the_secret() -> None:
    forms = [uuid4() for _ in range(4000)]
    chosen = [form for form in forms if second_keying.is_chosen(SECRET, form, 0.1)]
    assert 300 < len(chosen) < 500
    others = {form for form in forms if second_keying.is_chosen(b"another secret", form, 0.1)}
    assert len(others & set(chosen)) < 120
    assert all(second_keying.is_chosen(SECRET, form, 0.5) for form in chosen)
    assert not any(second_keying.is_chosen(SECRET, form, 0) for form in forms)
    assert all(second_keying.is_chosen(SECRET, form, 1) for form in forms)


def test_a_tenth_is_chosen_where_nothing_was_wished(session: Session) -> None:
    assert make_survey(session).second_keying_share == 0.1


@pytest.mark.parametrize("share", [-0.1, 1.01, None])
def test_an_impossible_share_is_refused(survey: Survey, share: float | None) -> None:
    with pytest.raises(Invalid) as caught:
        set_second_keying(survey, share=share, same_clerk=False)
    assert caught.value.problems[0].where == "share"


def test_forms_of_a_file_and_of_the_keyboard_wait_alike(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("0012")
    assert not desk.key("12")
    rows = [(desk.point.token, number, "5", "", "", "") for number in ("7", "37B")]
    keyed(session, survey, a_file(*rows), account=desk.lan)
    keyed(session, survey, a_file(*rows), account=desk.lan)
    assert desk.waiting(desk.mai) == [(("0007", "0012", "37B"), ())]
    assert desk.waiting(desk.lan) == [(("0007", "0012", "37B"), ("0007", "0012", "37B"))]
    assert waiting_forms(session, survey, frozenset(), desk.mai) == ()
    set_second_keying(survey, share=0, same_clerk=False)
    desk.key("99")
    assert desk.waiting(desk.mai)[0][0] == ("0007", "0012", "37B")


# ── keying again ──────────────────────────────────────────────────────────────────────────────


def test_equal_keyings_leave_nothing_but_that_they_were_equal(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("12", {**FORM, "comment": "Tốt"})
    assert desk.again("0012") == "12"
    row = desk.row()
    assert (row.form_number, row.answers) == (None, None)
    assert row.second_account_id == desk.mai.id
    assert row.second_on == local_date(NOW)
    assert desk.waiting(desk.mai) == []
    assert open_forms(session, survey, None) == ()
    assert session.scalar(select(func.count()).select_from(SurveyResponse)) == 1
    found = desk.quality()
    assert (found.sheets, found.chosen, found.repeated) == (1, 1, 1)
    assert (found.whole.fields, found.whole.disagreements) == (3, 0)
    assert found.whole.rate.value == 0
    assert found.whole.rate.interval is None  # one form is one cluster


def test_nobody_keys_the_own_form_twice_but_where_an_administrator_allows_it(
    survey: Survey, desk: Desk
) -> None:
    desk.key("12")
    with pytest.raises(Invalid) as caught:
        desk.again("12", who=desk.lan)
    assert "do chính ông/bà nhập lần đầu" in caught.value.problems[0].message
    set_second_keying(survey, share=1, same_clerk=True)
    desk.again("12", who=desk.lan)
    assert desk.quality().by_same_clerk == 1


def test_the_page_of_first_keying_is_no_oracle_for_whoever_keys_second(desk: Desk) -> None:
    desk.key("12")
    refusals = []
    for answers in (FORM, {**FORM, "access.signage": "1"}):
        with pytest.raises(Invalid) as caught:
            desk.key("0012", answers, who=desk.mai)
        refusals.append((caught.value.message, caught.value.problems))
    assert refusals[0] == refusals[1]
    assert "đang chờ nhập lần hai" in refusals[0][1][0].message
    assert not desk.key("12")  # who keyed it first knows the answers
    desk.again("12")
    assert not desk.key("12", who=desk.mai)


def test_a_file_is_no_oracle_either(session: Session, survey: Survey, desk: Desk) -> None:
    file = a_file((desk.point.token, "12", "5", "", "", ""))
    keyed(session, survey, file, account=desk.lan)
    told = []
    for answer in ("5", "1"):
        guess = a_file((desk.point.token, "12", answer, "", "", ""))
        found = check(session, survey, guess, account=desk.mai)
        told.append((found.new, found.known, found.waiting, tuple(list_notices(found))))
    assert told[0] == told[1]
    assert told[0][:3] == (0, 1, ("12",))
    assert "chờ nhập lần hai; không so với tệp" in told[0][3][0]
    before = stored(session, survey)
    assert keyed(session, survey, guess, account=desk.mai).new == 0
    assert stored(session, survey) == before
    assert check(session, survey, file, account=desk.lan).waiting == ()


def test_a_form_that_does_not_wait_is_refused(survey: Survey, desk: Desk) -> None:
    desk.key("12")
    for number in ("13", "x y"):
        with pytest.raises(Invalid):
            desk.again(number)
    desk.again("12")
    with pytest.raises(Invalid) as caught:
        desk.again("12")
    assert "không chờ nhập lần hai" in caught.value.problems[0].message
    close_survey(survey)
    with pytest.raises(Closed):
        desk.again("12")


def test_a_form_with_nothing_but_words_is_keyed_again_as_empty(desk: Desk) -> None:
    desk.key("12", {"comment": "Tốt"})
    desk.again("12", {})
    assert desk.quality().whole.fields == 0


# ── deciding ──────────────────────────────────────────────────────────────────────────────────


def test_the_paper_corrects_the_sheet_and_the_mistake_stays_counted(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("12", {**FORM, "access.equipment": "3", "comment": "Tốt"})
    desk.again("12", {**FORM, "access.signage": "4", "access.equipment": "0"})
    form = desk.open()
    assert form.number == "0012"
    assert [(item.place, item.question.code) for item in form.disagreements] == [
        (1, "access.signage"),
        (3, "access.equipment"),
    ]
    assert set(form.disagreements[0].answers) == {"5", "4"}
    before = desk.quality()
    assert (before.whole.disagreements, before.whole.undecided, before.whole.errors) == (2, 2, 0)
    assert before.whole.rate.value == 2 / 4
    rulings = {
        "access.signage": desk.ruling("access.signage", "4"),
        "access.equipment": desk.ruling("access.equipment", "3"),
    }
    assert desk.settle(rulings) == ("access.signage",)
    (sheet,) = stored(session, survey)
    assert sheet == {
        "access.signage": "4",
        "access.equipment": "3",
        "visit.trips": "4-or-more",
        "visit.trips_reason": "more-documents",
    }
    assert session.scalars(select(FreeText.text)).all() == ["Tốt"]
    row = desk.row()
    assert (row.form_number, row.answers) == ("12", None)
    assert (row.decided_account_id, row.decided_on) == (desk.mai.id, local_date(NOW))
    (corrected,) = corrected_forms(session, survey, None)
    assert (corrected.number, corrected.places) == ("0012", (1,))
    after = desk.quality()
    assert (after.whole.disagreements, after.whole.undecided, after.whole.errors) == (2, 0, 1)
    assert (after.corrected, after.whole.rate.value) == (1, 1 / 4)
    assert after.form_rate.value == 1
    assert [line.code for line in after.questions if line.errors] == ["access.signage"]
    entry = recorded(session)[-1]
    assert (entry.action, entry.account_id) == ("paper.correct", desk.mai.id)
    assert noted(entry) == f"{desk.point.label}: access.signage"


def test_a_corrected_sheet_stays_under_its_decision(
    session: Session, survey: Survey, desk: Desk
) -> None:
    """What was decided on its flags can still be turned, and counts it as before."""
    worst = {q.code: "1" for _, q in load_questionnaire(survey.version).criteria}
    numbers = [str(number) for number in range(1, MINIMUM_BASE + 1)]
    for number in numbers:
        desk.key(number, {**worst, "access.signage": number})
    session.execute(update(SurveyResponse).values(flags=int(Flag.STRAIGHT_LINE)))
    unit, admin = first_unit(session, survey), make_account(session)
    waiting = unit_quarantine(session, survey, unit, admin, today=local_date(NOW)).groups
    seen = {group.code: group.fingerprint for group in waiting}
    wish = Wish(Verdict.EXCLUDED, "Cùng một người điền.", seen)
    review = decide(session, survey, unit, wish, account=admin, now=NOW)
    desk.again("1", {**worst, "access.signage": "4"})
    assert desk.settle({"access.signage": desk.ruling("access.signage", "4")})
    session.expire_all()
    sheets = session.execute(select(SurveyResponse.flags, SurveyResponse.review_id)).all()
    assert set(sheets) == {(int(Flag.STRAIGHT_LINE), review.id)}
    why = "Đã hỏi lại: nhiều người điền."
    turned = reconsider(session, survey, unit, review.id, reason=why, account=admin, now=NOW)
    assert (turned.verdict, turned.sheets) == (Verdict.ACCEPTED, MINIMUM_BASE)


def test_the_paper_may_say_something_else_or_nothing(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("12", {"access.signage": "5", "access.equipment": "5", "needs.improvements": "12"})
    desk.again("12", {"access.signage": "4", "access.equipment": "4", "needs.improvements": "1"})
    wrong = {
        "access.signage": Ruling(NEITHER, "9"),
        "access.equipment": Ruling(NEITHER, ""),
    }
    with pytest.raises(Invalid) as caught:
        desk.settle(wrong)
    assert [problem.where for problem in caught.value.problems] == [
        "access.signage",
        "needs.improvements",
    ]
    right = {
        "access.signage": Ruling(NEITHER, "0"),
        "access.equipment": Ruling(NEITHER, " "),
        "needs.improvements": Ruling(NEITHER, "123"),
    }
    assert len(desk.settle(right)) == 3
    assert stored(session, survey) == [
        {
            "access.signage": "na",
            "needs.improvements": ("information", "simpler", "faster"),
        }
    ]
    assert desk.quality().whole.errors == 3


def test_skip_rules_hold_for_what_the_paper_says(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("12", FORM)
    desk.again("12", {"access.signage": "5", "visit.trips": "1"})
    rulings = {
        "visit.trips": desk.ruling("visit.trips", "1"),
        "visit.trips_reason": desk.ruling("visit.trips_reason", "more-documents"),
    }
    assert desk.settle(rulings) == ("visit.trips", "visit.trips_reason")
    assert stored(session, survey) == [{"access.signage": "5", "visit.trips": "1"}]


def test_who_keyed_first_does_not_decide_but_an_administrator_may(
    session: Session, survey: Survey, desk: Desk
) -> None:
    desk.key("12")
    desk.again("12", {**FORM, "access.signage": "4"})
    ruling = {"access.signage": desk.ruling("access.signage", "5")}
    with pytest.raises(Forbidden):
        desk.settle(ruling, who=desk.lan)
    form = desk.open()
    assert desk.settle(ruling, who=make_account(session)) == ()
    assert desk.quality().whole.errors == 0
    assert desk.row().form_number is None
    assert corrected_forms(session, survey, None) == ()
    assert recorded(session)[-1].action == "paper.settle"
    with pytest.raises(NotFound):
        find_open_form(session, survey, form.key, None)
    with pytest.raises(NotFound):
        settle_form(session, survey, form, ruling, account=desk.mai, now=NOW)


def test_a_file_that_comes_again_leaves_a_corrected_form_alone(
    session: Session, survey: Survey, desk: Desk
) -> None:
    data = a_file((desk.point.token, "12", "5", "", "", ""))
    keyed(session, survey, data, account=desk.lan)
    desk.again("12", {"access.signage": "4"})
    with pytest.raises(Invalid):
        check(session, survey, a_file((desk.point.token, "12", "1", "", "", "")))
    desk.settle({"access.signage": desk.ruling("access.signage", "4")})
    batch = keyed(session, survey, data, account=desk.lan)
    assert (batch.new, batch.known, batch.corrected) == (0, 1, 1)
    assert stored(session, survey) == [{"access.signage": "4"}]


# ── figures ───────────────────────────────────────────────────────────────────────────────────


def test_figures_are_clustered_by_form_and_the_verdict_says_what_they_mean(
    session: Session, survey: Survey, desk: Desk
) -> None:
    answers = {"access.signage": "5", "access.equipment": "4", "needs.improvements": "1"}
    for number in range(1, 41):
        desk.key(str(number), answers)
    for number in range(1, 31):
        slip = {"access.signage": "1"} if number % 10 == 0 else {}
        desk.again(str(number), answers | slip)
    found = desk.quality()
    assert (found.repeated, found.open_forms, found.whole.fields) == (30, 3, 90)
    rate = found.whole.rate
    assert rate.value == pytest.approx(3 / 90)
    assert rate.df == 29
    assert rate.interval is not None
    assert 0.005 < rate.interval.low < 3 / 90 < rate.interval.high < 0.1
    assert found.form_rate.value == pytest.approx(0.1)
    assert [line.code for line in found.kinds] == ["scale", "multiple"]
    signage = found.questions[0]
    assert signage.label.startswith("1. ")
    assert signage.rate.interval is not None
    assert signage.rate.interval.low == pytest.approx(0.0211, abs=1e-4)  # binom.test(3, 30)
    assert signage.rate.interval.high == pytest.approx(0.2653, abs=1e-4)
    text = " ".join(verdict(found))
    assert "có 3 câu hai lần nhập khác nhau; lần đầu sai 0 câu, 3 câu chưa đối chiếu" in text
    assert "Còn 10 phiếu chỉ nhập một lần, khoảng 30 câu" in text
    assert measure_quality(session, survey, frozenset(), None, today=local_date(NOW)).chosen == 0
