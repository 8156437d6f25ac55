"""Who may call which endpoint: one table, checked before every request."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from flask import (
    Flask,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from survey_app.clock import now
from survey_app.errors import Forbidden
from survey_app.operations.organisation.accounts import (
    Account,
    AccountRole,
    Scope,
    SignIn,
    find_sign_in,
    scope_of,
    touch,
)
from survey_app.operations.organisation.api_keys import KeyScope
from survey_app.storage.database import Session
from survey_app.web.keys import admit_key
from survey_app.web.transactions import SAFE_METHODS, current_session, database

STAFF_MAY_NOT_ANSWER = (
    "Trình duyệt này đang đăng nhập bằng tài khoản của cán bộ nên không mở hoặc gửi phiếu khảo sát "
    "được: phiếu dành cho người dân, và không để tên người đăng nhập đi cùng câu trả lời nào."
)


class Access(StrEnum):
    PUBLIC = "public"
    OFFICER = "officer"  # officers, within their units, and administrators
    ADMINISTRATOR = "administrator"
    KEY = "key"  # other software, with a key that has the scope named in KEY_SCOPES


ACCESS: dict[str, Access] = {
    "static": Access.PUBLIC,
    "fonts.font": Access.PUBLIC,
    "recordings.recording": Access.PUBLIC,
    # for machines
    "api.healthz": Access.PUBLIC,
    "api.readyz": Access.PUBLIC,
    "api.openapi": Access.PUBLIC,
    "api.put_response": Access.PUBLIC,
    "api.create_invitations": Access.KEY,
    # for citizens
    "citizen.welcome": Access.PUBLIC,
    "citizen.show": Access.PUBLIC,
    "citizen.answer": Access.PUBLIC,
    "citizen.start_another": Access.PUBLIC,
    "citizen.thanks": Access.PUBLIC,
    # for kiosks: their device key is checked by the view
    "kiosk.shell": Access.PUBLIC,
    "kiosk.enrolment": Access.PUBLIC,
    "kiosk.enrol": Access.PUBLIC,
    "kiosk.worker": Access.PUBLIC,
    "kiosk.take_sheets": Access.PUBLIC,
    "kiosk.check_code": Access.PUBLIC,
    "kiosk.report": Access.PUBLIC,
    "kiosk.leave": Access.PUBLIC,
    # signing in
    "auth.sign_in": Access.PUBLIC,
    "auth.sign_out": Access.OFFICER,
    "auth.account": Access.OFFICER,
    "auth.sign_out_everywhere": Access.OFFICER,
    # for reform officers
    "officer.home": Access.OFFICER,
    "officer.survey": Access.OFFICER,
    "officer.unit": Access.OFFICER,
    "officer.unit_document": Access.OFFICER,
    "officer.cross_table": Access.OFFICER,
    "officer.cross_table_document": Access.OFFICER,
    "officer.model_estimates": Access.OFFICER,
    "officer.model_estimates_document": Access.OFFICER,
    "officer.drawn_list": Access.OFFICER,
    "officer.consolidated": Access.OFFICER,
    "officer.consolidated_document": Access.OFFICER,
    "officer.standings": Access.OFFICER,
    "officer.standings_document": Access.OFFICER,
    "officer.batches": Access.OFFICER,
    "officer.start_batch": Access.OFFICER,
    "officer.stop_batch": Access.OFFICER,
    "officer.batch_archive": Access.OFFICER,
    "officer.comments": Access.OFFICER,
    "officer.hide_comment": Access.OFFICER,
    "officer.quarantines": Access.OFFICER,
    "officer.unit_quarantine": Access.OFFICER,
    "officer.decide_quarantine": Access.OFFICER,
    "officer.reconsider_quarantine": Access.OFFICER,
    "officer.files": Access.OFFICER,
    "officer.read_file": Access.OFFICER,
    "officer.file_result": Access.OFFICER,
    "officer.all_kept": Access.ADMINISTRATOR,
    "officer.kept_analysis": Access.OFFICER,
    "officer.kept_document": Access.OFFICER,
    "officer.delete_kept_analysis": Access.OFFICER,
    # for administrators
    "admin.home": Access.ADMINISTRATOR,
    "admin.questionnaires": Access.ADMINISTRATOR,
    "admin.questionnaire": Access.ADMINISTRATOR,
    "admin.check_questionnaire": Access.ADMINISTRATOR,
    "admin.publish_questionnaire": Access.ADMINISTRATOR,
    "admin.publish_draft": Access.ADMINISTRATOR,
    "admin.questionnaire_source": Access.ADMINISTRATOR,
    "admin.questionnaire_file": Access.ADMINISTRATOR,
    "admin.xlsform": Access.ADMINISTRATOR,
    "admin.import_xlsform": Access.ADMINISTRATOR,
    "admin.drafts": Access.ADMINISTRATOR,
    "admin.create_draft": Access.ADMINISTRATOR,
    "admin.draft": Access.ADMINISTRATOR,
    "admin.draft_part": Access.ADMINISTRATOR,
    "admin.edit_draft": Access.ADMINISTRATOR,
    "admin.undo_draft": Access.ADMINISTRATOR,
    "admin.discard_draft": Access.ADMINISTRATOR,
    "admin.draft_source": Access.ADMINISTRATOR,
    "admin.draft_checks": Access.ADMINISTRATOR,
    "admin.draft_library": Access.ADMINISTRATOR,
    "admin.borrow_question": Access.ADMINISTRATOR,
    "admin.questionnaire_changes": Access.ADMINISTRATOR,
    "admin.proposals": Access.ADMINISTRATOR,
    "admin.set_review_rule": Access.ADMINISTRATOR,
    "admin.proposal": Access.ADMINISTRATOR,
    "admin.decide_proposal": Access.ADMINISTRATOR,
    "admin.close_version": Access.ADMINISTRATOR,
    "admin.draft_preview": Access.ADMINISTRATOR,
    "admin.preview_phone": Access.ADMINISTRATOR,
    "admin.preview_kiosk": Access.ADMINISTRATOR,
    "admin.recordings": Access.ADMINISTRATOR,
    "admin.store_recording": Access.ADMINISTRATOR,
    "admin.delete_recording": Access.ADMINISTRATOR,
    "admin.units": Access.ADMINISTRATOR,
    "admin.unit": Access.ADMINISTRATOR,
    "admin.create_unit": Access.ADMINISTRATOR,
    "admin.import_units": Access.ADMINISTRATOR,
    "admin.units_template": Access.ADMINISTRATOR,
    "admin.load_province": Access.ADMINISTRATOR,
    "admin.reorganisations": Access.ADMINISTRATOR,
    "admin.choose_reorganisation": Access.ADMINISTRATOR,
    "admin.reorganise": Access.ADMINISTRATOR,
    "admin.undo_reorganisation": Access.ADMINISTRATOR,
    "admin.import_reorganisations": Access.ADMINISTRATOR,
    "admin.reorganisations_template": Access.ADMINISTRATOR,
    "admin.accounts": Access.ADMINISTRATOR,
    "admin.create_account": Access.ADMINISTRATOR,
    "admin.set_account_active": Access.ADMINISTRATOR,
    "admin.reset_password": Access.ADMINISTRATOR,
    "admin.surveys": Access.ADMINISTRATOR,
    "admin.create_survey": Access.ADMINISTRATOR,
    "admin.survey": Access.ADMINISTRATOR,
    "admin.set_survey_status": Access.ADMINISTRATOR,
    "admin.set_population": Access.ADMINISTRATOR,
    "admin.add_collection_point": Access.ADMINISTRATOR,
    "admin.poster": Access.ADMINISTRATOR,
    "admin.posters": Access.ADMINISTRATOR,
    "admin.poster_pdf": Access.ADMINISTRATOR,
    "admin.posters_pdf": Access.ADMINISTRATOR,
    "admin.slip_desk": Access.OFFICER,
    "admin.single_slip": Access.OFFICER,
    "admin.slips": Access.OFFICER,
    "admin.list_slips": Access.OFFICER,
    "admin.slips_template": Access.OFFICER,
    "admin.slip_documents": Access.OFFICER,
    "admin.devices": Access.ADMINISTRATOR,
    "admin.add_device": Access.ADMINISTRATOR,
    "admin.device": Access.ADMINISTRATOR,
    "admin.set_device": Access.ADMINISTRATOR,
    "admin.set_device_pin": Access.ADMINISTRATOR,
    "admin.move_device": Access.ADMINISTRATOR,
    "admin.renew_device_code": Access.ADMINISTRATOR,
    "admin.revoke_device": Access.ADMINISTRATOR,
    "admin.kiosk_sheets": Access.OFFICER,
    "admin.import_kiosk_file": Access.OFFICER,
    "admin.paper": Access.OFFICER,
    "admin.paper_form": Access.OFFICER,
    "admin.paper_template": Access.OFFICER,
    "admin.import_paper": Access.OFFICER,
    "admin.paper_entry": Access.OFFICER,
    "admin.save_form": Access.OFFICER,
    "admin.second_keying": Access.OFFICER,
    "admin.set_second_keying": Access.ADMINISTRATOR,
    "admin.keying_document": Access.OFFICER,
    "admin.second_entry": Access.OFFICER,
    "admin.save_second_entry": Access.OFFICER,
    "admin.open_form": Access.OFFICER,
    "admin.settle_form": Access.OFFICER,
    "admin.samples": Access.ADMINISTRATOR,
    "admin.set_target": Access.ADMINISTRATOR,
    "admin.erase_samples": Access.ADMINISTRATOR,
    "admin.dossiers_template": Access.ADMINISTRATOR,
    "admin.unit_samples": Access.ADMINISTRATOR,
    "admin.draw_sample": Access.ADMINISTRATOR,
    "admin.sample": Access.ADMINISTRATOR,
    "admin.verify_sample": Access.ADMINISTRATOR,
    "admin.drawn_list": Access.ADMINISTRATOR,
    "admin.api_keys": Access.ADMINISTRATOR,
    "admin.create_api_key": Access.ADMINISTRATOR,
    "admin.revoke_api_key": Access.ADMINISTRATOR,
    "admin.audit": Access.ADMINISTRATOR,
    "admin.audit_document": Access.ADMINISTRATOR,
    "admin.check_audit": Access.ADMINISTRATOR,
}

#: Public, but not with a browser in which somebody of the staff is signed in: answers are those of
#: citizens, and who is signed in could be told beside what was answered. Signing out is enough.
#: On a kiosk sheets that wait are kept meanwhile: they go when the device may report in again.
NOT_FOR_STAFF = frozenset(
    {
        "citizen.show",
        "citizen.answer",
        "api.put_response",
        "kiosk.shell",
        "kiosk.take_sheets",
        "kiosk.report",
    }
)

#: What changes something and leaves no entry in the audit record, and why.
UNRECORDED: dict[str, str] = {
    "admin.save_form": "an entry has the minute; beside one sheet it would tell when it was keyed",
    "admin.save_second_entry": "the same; who sat down to key is on record, and decisions are",
    "admin.edit_draft": "a draft keeps every state of its own, with who and when",
    "admin.undo_draft": "the same",
    "admin.borrow_question": "the same",
}

#: What a key must be good for at the endpoints that ask for one.
KEY_SCOPES: dict[str, KeyScope] = {"api.create_invitations": KeyScope.INVITATIONS}


def cookie_name() -> str:
    """The sign-in cookie; the __Host- prefix needs HTTPS, which development does without."""
    is_secure: bool = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-hailong" if is_secure else "hailong"


def current_account() -> Account | None:
    """Who is signed in, if anybody."""
    row = current_sign_in()
    return row.account if row else None


def current_sign_in() -> SignIn | None:
    if "sign_in" not in g:
        token = request.cookies.get(cookie_name())
        with _reading() as session:
            g.sign_in = find_sign_in(session, token, now=now()) if token else None
    row: SignIn | None = g.sign_in
    return row


def signed_in_account() -> Account:
    """The account behind a request to a guarded endpoint."""
    account = current_account()
    if account is None:
        abort(401)
    return account


def current_scope() -> Scope:
    """The units the signed-in account may see."""
    if "scope" not in g:
        with _reading() as session:
            g.scope = scope_of(session, signed_in_account())
    scope: Scope = g.scope
    return scope


def is_guarded() -> bool:
    """Whether this request is for the signed-in staff only."""
    return ACCESS.get(request.endpoint or "") in {Access.OFFICER, Access.ADMINISTRATOR}


@contextmanager
def _reading() -> Iterator[Session]:
    """A session to look somebody up in. On a request that may write it is one of its own: nobody
    takes the only writer's turn before there is something to write."""
    if request.method in SAFE_METHODS:
        yield current_session()
    else:
        with database().session() as session:
            yield session


def init_access(app: Flask) -> None:
    """Check the table before every request; an endpoint that is not in it is refused."""

    @app.before_request
    def guard() -> Response | None:
        if request.endpoint is None:  # no such page: the 404 handler speaks
            return None
        access = ACCESS.get(request.endpoint)
        if access is Access.PUBLIC:
            return _turn_staff_away() if request.endpoint in NOT_FOR_STAFF else None
        if access is Access.KEY:
            admit_key(KEY_SCOPES[request.endpoint])
            return None
        row = current_sign_in()
        if row is None:
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        allowed = {AccountRole.ADMINISTRATOR}
        if access is Access.OFFICER:
            allowed.add(AccountRole.OFFICER)
        if access is None or row.account.role not in allowed:
            abort(403)
        _note_use(row)
        g.must_record = request.method not in SAFE_METHODS and request.endpoint not in UNRECORDED
        return None

    @app.context_processor
    def account() -> dict[str, Account | None]:
        return {"account": current_account() if is_guarded() else None}


def _turn_staff_away() -> Response | None:
    """The refusal for a signed-in browser; without its cookie this costs nothing."""
    if cookie_name() not in request.cookies:
        return None
    account = current_account()
    if account is None:
        return None
    if request.blueprint != "citizen" and request.method not in SAFE_METHODS:  # a script asks
        raise Forbidden(STAFF_MAY_NOT_ANSWER)
    words = {"sentence": STAFF_MAY_NOT_ANSWER, "account": account}
    return make_response(render_template("errors/staff.html", **words), 403)


def _note_use(row: SignIn) -> None:
    """Move the idle limit, at most once a minute, in a transaction of its own (a GET may not
    write in its own session)."""
    moment = now()
    if (moment - row.last_seen_at).total_seconds() > 60 and request.method == "GET":
        with database().transaction() as session:
            touch(session, row, now=moment)
