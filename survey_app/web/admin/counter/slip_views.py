"""Slips with one-time links: singly at the counter, in number, or for a list of dossiers.

Officers make them for the units in their charge. Codes are shown once: the page that shows them
sends them back to get its PDF or workbook, and nothing but hashes is kept.
"""

from collections.abc import Sequence

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Closed, Invalid
from survey_app.operations.fieldwork.collection_points import (
    CollectionPoint,
    find_point,
    page_points,
)
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.invitations import slip_lists
from survey_app.operations.invitations.invitations import require_taking
from survey_app.operations.invitations.slip_lists import SlipList, read_slip_table
from survey_app.operations.invitations.slips import (
    MOST_SLIPS,
    MadeSlip,
    check_last_day,
    make_slips,
    recall_slips,
    slip_points,
    slips_pdf,
)
from survey_app.operations.organisation.units import agency_of
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.spreadsheets.sheet import Sheet as Table
from survey_app.spreadsheets.writing import marked_copy
from survey_app.storage.database import Session
from survey_app.text import file_stem
from survey_app.web.admin import blueprint
from survey_app.web.admin.counter.forms import SlipListForm, SlipsForm
from survey_app.web.admin.surveys.collection_views import invitation
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, GivenFile, given_file, sent_along
from survey_app.web.audit import note_taken
from survey_app.web.documents import attachment, blank, workbook
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import read_wish, wanted_page, wanted_words

MISTAKES_SHOWN = 200
#: More slips are listed without their squares, which take time to draw.
MOST_SQUARES = 20


@blueprint.get("/surveys/<code>/slips")
def slip_desk(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    return _desk(survey, _list_form(current_session(), survey))


@blueprint.post("/surveys/<code>/points/<int:point_id>/slip")
def single_slip(code: str, point_id: int) -> ResponseReturnValue:
    """One slip for who stands at the counter: a square on the screen, or to print."""
    survey, point = _own_point(code, point_id)
    (slip,) = make_slips(
        current_session(),
        point,
        1,
        expires_on=survey.ends_on,
        account=signed_in_account(),
        now=now(),
    )
    shown = invitation(point, slip.code, agency_of(point.unit))
    return render_template(
        "admin/counter/single_slip.html", survey=survey, slip=slip, shown=shown, site=site_address()
    )


@blueprint.route("/surveys/<code>/points/<int:point_id>/slips", methods=["GET", "POST"])
def slips(code: str, point_id: int) -> ResponseReturnValue:
    survey, point = _own_point(code, point_id)
    form = SlipsForm(expires_on=survey.ends_on)
    if form.validate_on_submit():
        with form.refusals_shown():
            made = make_slips(
                current_session(),
                point,
                form.count.data,
                expires_on=form.expires_on.data,
                account=signed_in_account(),
                now=now(),
            )
            return _made_page(survey, made)
    page = render_template("admin/counter/slips_form.html", survey=survey, point=point, form=form)
    return page, form.status


@blueprint.post("/surveys/<code>/slips")
def list_slips(code: str) -> ResponseReturnValue:
    """Check a list, make its slips, or give it back with its mistakes marked."""
    wish = read_wish("check", "marked", "make", "make_again")
    with database().session() as reader:
        survey = find_survey(reader, code)
        form = _list_form(reader, survey)
        is_sound = form.validate() and _is_in_time(form, survey)
    given, refusal = None, None
    if is_sound:
        try:
            given = given_file(form)
            # Before the session of this request is opened: reading a workbook is slow.
            table = read_slip_table(*given)
            if wish in {"make", "make_again"}:
                return _make_list(code, form, table, given, is_wanted_again=wish == "make_again")
            with database().session() as reader:
                survey = find_survey(reader, code)
                wanted = _checked(reader, survey, form, table)
                if wish == "check":
                    return _check_page(survey, form, wanted, given)
        except Invalid as found:
            refusal = found
            if wish == "marked" and refusal.problems:
                document = marked_copy(table, refusal.problems)
                return blank(document, "DanhSachCoLoi.xlsx")
    survey = find_survey(current_session(), code)
    return _desk(survey, form, refusal, given)


@blueprint.get("/surveys/<code>/slips/template.xlsx")
def slips_template(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    name = f"PhieuMoi_{file_stem(survey.code)}_mau.xlsx"
    return blank(slip_lists.template_workbook(), name)


@blueprint.post("/surveys/<code>/slips/documents")
def slip_documents(code: str) -> ResponseReturnValue:
    """The slips of an open page as PDF, or its list with their codes."""
    wish = read_wish("pdf", "workbook")
    table = read_slip_table(*given) if (given := sent_along()) else None
    name = f"PhieuMoi_{file_stem(code)}"
    with database().session() as reader:  # reading only: drawing holds up no writer
        survey = find_survey(reader, code)
        codes = request.form.get("codes", "").split()
        found = recall_slips(reader, survey, codes, current_scope().unit_ids)
        if wish == "workbook":
            if table is None:
                raise Invalid("Trang này không có danh sách hồ sơ.")
            document = slip_lists.with_codes(table, found, site=site_address())
            note_taken("links.print", survey.code, {"count": len(found), "form": "xlsx"})
            return attachment(workbook(document, f"{name}.xlsx"))
        notes = slip_lists.printed_notes(table, len(found)) if table else ()
        document = slips_pdf(found, site=site_address(), notes=notes)
    note_taken("links.print", code, {"count": len(found), "form": "pdf"})
    return attachment(Document(document, f"{name}.pdf", MIME_TYPES[Format.PDF]))


def _make_list(
    code: str, form: SlipListForm, table: Table, given: GivenFile, *, is_wanted_again: bool
) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    wanted = _checked(current_session(), survey, form, table)
    if wanted.made_on and not is_wanted_again:
        page = _check_page(survey, form, wanted, given)
        return page, 409
    made = slip_lists.make_list_slips(
        current_session(),
        survey,
        wanted,
        expires_on=form.expires_on.data,
        account=signed_in_account(),
        now=now(),
    )
    return _made_page(survey, made, wanted, given)


def _checked(session: Session, survey: Survey, form: SlipListForm, table: Table) -> SlipList:
    secret, *former = current_app.config["SETTINGS"].derived_secrets("slip lists")
    return slip_lists.check_list(
        session,
        survey,
        table,
        unit_ids=current_scope().unit_ids,
        usual_point_id=form.point_id.data,
        secret=secret,
        former=former,
    )


def _check_page(survey: Survey, form: SlipListForm, wanted: SlipList, given: GivenFile) -> str:
    return render_template(
        "admin/counter/slips_check.html", survey=survey, form=form, wanted=wanted, given=given
    )


def _made_page(
    survey: Survey,
    made: Sequence[MadeSlip],
    wanted: SlipList | None = None,
    given: GivenFile | None = None,
) -> ResponseReturnValue:
    agencies = {slip.point.unit_id: agency_of(slip.point.unit) for slip in made}
    # Kept before they are drawn: drawing takes a while, and citizens' sheets wait meanwhile.
    current_session().commit()
    drawn = made if len(made) <= MOST_SQUARES else ()
    return render_template(
        "admin/counter/slips.html",
        survey=survey,
        made=made,
        drawn=[
            (slip, invitation(slip.point, slip.code, agencies[slip.point.unit_id]))
            for slip in drawn
        ],
        dossiers=[slip.dossier for slip in wanted.slips] if wanted else [],
        site=site_address(),
        given=given,
    )


def _desk(
    survey: Survey,
    form: SlipListForm,
    refusal: Invalid | None = None,
    given: GivenFile | None = None,
) -> ResponseReturnValue:
    wanted, unit_ids = wanted_words(), current_scope().unit_ids
    points = page_points(
        current_session(), survey, unit_ids, wanted, number=wanted_page(), is_active=True
    )
    if wanted or points.pages > 1:
        form.show_only(points.entries)
    page = render_template(
        "admin/counter/slip_desk.html",
        survey=survey,
        wanted=wanted,
        points=points,
        form=form,
        refusal=refusal,
        most_slips=MOST_SLIPS,
        largest_megabytes=LARGEST_MEGABYTES,
        mistakes_shown=MISTAKES_SHOWN,
        refused=_refused(survey),
        given=given,
    )
    return page, 422 if refusal else form.status


def _own_point(code: str, point_id: int) -> tuple[Survey, CollectionPoint]:
    """A place of the survey, in the own units. Raises NotFound."""
    survey = find_survey(current_session(), code)
    point = find_point(current_session(), survey, point_id)
    current_scope().require(point.unit_id)
    return survey, point


def _list_form(session: Session, survey: Survey) -> SlipListForm:
    points = slip_points(session, survey, current_scope().unit_ids)
    return SlipListForm(expires_on=survey.ends_on).offer(points)


def _is_in_time(form: SlipListForm, survey: Survey) -> bool:
    """Whether the last day lies between today and the end of the survey. Raises Closed."""
    with form.refusals_shown():
        check_last_day(survey, form.expires_on.data, now())
    return not form.errors


def _refused(survey: Survey) -> str:
    """Why no slips are made just now, "" when they are."""
    try:
        require_taking(survey, now())
    except Closed as closed:
        return closed.message
    return ""
