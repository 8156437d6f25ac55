"""Who may call which endpoint: one table, checked before every request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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

from survey_app.clock import local_date, now
from survey_app.errors import Forbidden, NotFound
from survey_app.operations.organisation.accounts import Account, AccountGrant
from survey_app.operations.organisation.api_keys import KeyScope
from survey_app.operations.organisation.lineage import read_lineage
from survey_app.operations.organisation.listing import surveyed_unit_ids
from survey_app.operations.organisation.rights import READERS, Scope, scope_of, valid_grants
from survey_app.operations.organisation.second_step import must_enrol
from survey_app.operations.organisation.signing_in import SignIn, find_sign_in, touch
from survey_app.storage.database import Session
from survey_app.web.api_keys import admit_key
from survey_app.web.permissions import ADMITTED, MANAGING, READERS_SEND
from survey_app.web.permissions import Access as Access
from survey_app.web.transactions import SAFE_METHODS, current_session, database

STAFF_MAY_NOT_ANSWER = (
    "Trình duyệt này đang đăng nhập bằng tài khoản của cán bộ nên không mở hoặc gửi phiếu khảo sát "
    "được: phiếu dành cho người dân, và không để tên người đăng nhập đi cùng câu trả lời nào."
)


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
    "api.put_dossier_counts": Access.KEY,
    # for citizens
    "citizen.welcome": Access.PUBLIC,
    "citizen.show": Access.PUBLIC,
    "citizen.answer": Access.PUBLIC,
    "citizen.start_another": Access.PUBLIC,
    "citizen.thanks": Access.PUBLIC,
    "citizen.privacy": Access.PUBLIC,
    "citizen.contact": Access.PUBLIC,
    "citizen.ask_for_reply": Access.PUBLIC,
    "citizen.withdrawal": Access.PUBLIC,
    "citizen.withdraw": Access.PUBLIC,
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
    "auth.second_step": Access.PUBLIC,
    "auth.begin_at_provider": Access.PUBLIC,
    "auth.finish_at_provider": Access.PUBLIC,
    "auth.leave_provider": Access.PUBLIC,
    "auth.sign_out": Access.SIGNED_IN,
    "auth.account": Access.SIGNED_IN,
    "auth.sign_out_everywhere": Access.SIGNED_IN,
    "auth.revoke_sign_in": Access.SIGNED_IN,
    "auth.enrolment": Access.SIGNED_IN,
    "auth.begin_enrolment": Access.SIGNED_IN,
    "auth.confirm_enrolment": Access.SIGNED_IN,
    "auth.renew_recovery_codes": Access.SIGNED_IN,
    "auth.remove_second_step": Access.SIGNED_IN,
    # the guides
    "help.home": Access.SIGNED_IN,
    "help.guide": Access.SIGNED_IN,
    "help.picture": Access.SIGNED_IN,
    # results, and what stands behind them
    "officer.home": Access.RESULTS,
    "officer.survey": Access.RESULTS,
    "officer.unit": Access.RESULTS,
    "officer.unit_document": Access.RESULTS,
    "officer.cross_table": Access.RESULTS,
    "officer.cross_table_document": Access.RESULTS,
    "officer.model_estimates": Access.RESULTS,
    "officer.model_estimates_document": Access.RESULTS,
    "officer.drawn_list": Access.BEHIND,
    "officer.consolidated": Access.RESULTS,
    "officer.consolidated_document": Access.RESULTS,
    "officer.standings": Access.RESULTS,
    "officer.standings_document": Access.RESULTS,
    "officer.dataset": Access.OFFICER,
    "officer.batches": Access.OFFICER,
    "officer.start_batch": Access.OFFICER,
    "officer.stop_batch": Access.OFFICER,
    "officer.batch_archive": Access.OFFICER,
    "officer.contacts": Access.OFFICER,
    "officer.contact": Access.OFFICER,
    "officer.finish_contact": Access.OFFICER,
    "officer.comments": Access.BEHIND,
    "officer.hide_comment": Access.OFFICER,
    "officer.quarantines": Access.BEHIND,
    "officer.unit_quarantine": Access.BEHIND,
    "officer.decide_quarantine": Access.OFFICER,
    "officer.reconsider_quarantine": Access.OFFICER,
    "officer.files": Access.OFFICER,
    "officer.read_file": Access.OFFICER,
    "officer.file_result": Access.OFFICER,
    "officer.all_kept": Access.OVERSIGHT,
    "officer.kept_analysis": Access.BEHIND,
    "officer.kept_document": Access.BEHIND,
    "officer.delete_kept_analysis": Access.OFFICER,
    # setting up and running surveys, work at the counter, administration
    "admin.home": Access.HOUSE,
    "admin.questionnaires": Access.HOUSE,
    "admin.questionnaire": Access.HOUSE,
    "admin.check_questionnaire": Access.DOCUMENTS,
    "admin.publish_questionnaire": Access.DOCUMENTS,
    "admin.questionnaire_source": Access.HOUSE,
    "admin.drafts": Access.DRAFTS,
    "admin.create_draft": Access.DOCUMENTS,
    "admin.draft": Access.DRAFTS,
    "admin.draft_part": Access.DRAFTS,
    "admin.edit_draft": Access.DOCUMENTS,
    "admin.undo_draft": Access.DOCUMENTS,
    "admin.discard_draft": Access.DOCUMENTS,
    "admin.draft_source": Access.DRAFTS,
    "admin.draft_checks": Access.DRAFTS,
    "admin.draft_library": Access.DRAFTS,
    "admin.borrow_question": Access.DOCUMENTS,
    "admin.questionnaire_changes": Access.HOUSE,
    "admin.proposals": Access.DRAFTS,
    "admin.publish_draft": Access.DOCUMENTS,
    "admin.questionnaire_file": Access.HOUSE,
    "admin.xlsform": Access.DOCUMENTS,
    "admin.import_xlsform": Access.DOCUMENTS,
    "admin.set_review_rule": Access.ADMINISTRATOR,
    "admin.proposal": Access.DRAFTS,
    "admin.decide_proposal": Access.DOCUMENTS,
    "admin.close_version": Access.DOCUMENTS,
    "admin.recordings": Access.HOUSE,
    "admin.store_recording": Access.DOCUMENTS,
    "admin.delete_recording": Access.DOCUMENTS,
    "admin.units": Access.REGISTER,
    "admin.unit": Access.REGISTER,
    "admin.draft_preview": Access.DRAFTS,
    "admin.preview_phone": Access.DRAFTS,
    "admin.try_preview": Access.TRIAL,
    "admin.preview_kiosk": Access.DRAFTS,
    "admin.create_unit": Access.ADMINISTRATOR,
    "admin.import_units": Access.ADMINISTRATOR,
    "admin.units_template": Access.ADMINISTRATOR,
    "admin.load_province": Access.ADMINISTRATOR,
    "admin.services": Access.REGISTER,
    "admin.service": Access.REGISTER,
    "admin.import_services": Access.ADMINISTRATOR,
    "admin.services_template": Access.ADMINISTRATOR,
    "admin.import_dossier_counts": Access.ADMINISTRATOR,
    "admin.dossier_counts_template": Access.ADMINISTRATOR,
    "admin.edit_unit": Access.ADMINISTRATOR,
    "admin.reorganisations": Access.REGISTER,
    "admin.choose_reorganisation": Access.ADMINISTRATOR,
    "admin.reorganise": Access.ADMINISTRATOR,
    "admin.undo_reorganisation": Access.ADMINISTRATOR,
    "admin.import_reorganisations": Access.ADMINISTRATOR,
    "admin.reorganisations_template": Access.ADMINISTRATOR,
    "admin.accounts": Access.OVERSIGHT,
    "admin.create_account": Access.ADMINISTRATOR,
    "admin.set_account_active": Access.ADMINISTRATOR,
    "admin.reset_password": Access.ADMINISTRATOR,
    "admin.account": Access.OVERSIGHT,
    "admin.rename_account": Access.ADMINISTRATOR,
    "admin.add_grant": Access.ADMINISTRATOR,
    "admin.end_grant": Access.ADMINISTRATOR,
    "admin.revoke_sign_in": Access.ADMINISTRATOR,
    "admin.sign_account_out": Access.ADMINISTRATOR,
    "admin.link_identity": Access.ADMINISTRATOR,
    "admin.unlink_identity": Access.ADMINISTRATOR,
    "admin.reset_second_step": Access.ADMINISTRATOR,
    "admin.security": Access.OVERSIGHT,
    "admin.set_security": Access.ADMINISTRATOR,
    "admin.surveys": Access.HOUSE,
    "admin.create_survey": Access.SURVEYS,
    "admin.survey": Access.HOUSE,
    "admin.survey_plan": Access.SURVEYS,
    "admin.change_survey_plan": Access.SURVEYS,
    "admin.set_survey_offer": Access.SURVEYS,
    "admin.survey_opening": Access.SURVEYS,
    "admin.open_survey": Access.SURVEYS,
    "admin.survey_targets": Access.SURVEYS,
    "admin.set_survey_targets": Access.SURVEYS,
    "admin.set_survey_status": Access.SURVEYS,
    "admin.move_survey": Access.SURVEYS,
    "admin.survey_progress": Access.BEHIND,
    "admin.reminder_list": Access.OFFICER,
    "admin.note_reminded": Access.OFFICER,
    "admin.set_population": Access.SURVEYS,
    "admin.set_contact_offer": Access.SURVEYS,
    "admin.add_collection_point": Access.SURVEYS,
    "admin.poster": Access.HOUSE,
    "admin.posters": Access.HOUSE,
    "admin.poster_pdf": Access.HOUSE,
    "admin.posters_pdf": Access.HOUSE,
    "admin.slip_desk": Access.COUNTER,
    "admin.single_slip": Access.COUNTER,
    "admin.slips": Access.COUNTER,
    "admin.list_slips": Access.COUNTER,
    "admin.slips_template": Access.COUNTER,
    "admin.slip_documents": Access.COUNTER,
    "admin.counter": Access.COUNTER_BOOKS,
    "admin.devices": Access.COUNTER_BOOKS,
    "admin.add_device": Access.SURVEYS,
    "admin.device": Access.COUNTER_BOOKS,
    "admin.set_device": Access.SURVEYS,
    "admin.set_device_pin": Access.SURVEYS,
    "admin.move_device": Access.SURVEYS,
    "admin.renew_device_code": Access.SURVEYS,
    "admin.revoke_device": Access.SURVEYS,
    "admin.kiosk_sheets": Access.COUNTER,
    "admin.import_kiosk_file": Access.COUNTER,
    "admin.paper": Access.COUNTER_BOOKS,
    "admin.paper_form": Access.COUNTER,
    "admin.paper_template": Access.COUNTER,
    "admin.import_paper": Access.COUNTER,
    "admin.paper_entry": Access.COUNTER,
    "admin.save_form": Access.COUNTER,
    "admin.second_keying": Access.COUNTER_BOOKS,
    "admin.set_second_keying": Access.SURVEYS,
    "admin.keying_document": Access.COUNTER_BOOKS,
    "admin.second_entry": Access.COUNTER,
    "admin.save_second_entry": Access.COUNTER,
    "admin.open_form": Access.COUNTER,
    "admin.settle_form": Access.COUNTER,
    "admin.samples": Access.HOUSE,
    "admin.set_target": Access.SURVEYS,
    "admin.erase_samples": Access.SURVEYS,
    "admin.dossiers_template": Access.SURVEYS,
    "admin.unit_samples": Access.HOUSE,
    "admin.draw_sample": Access.SURVEYS,
    "admin.sample": Access.HOUSE,
    "admin.verify_sample": Access.SURVEYS,
    "admin.drawn_list": Access.HOUSE,
    "admin.api_keys": Access.OVERSIGHT,
    "admin.create_api_key": Access.ADMINISTRATOR,
    "admin.revoke_api_key": Access.ADMINISTRATOR,
    "admin.audit": Access.OVERSIGHT,
    "admin.audit_document": Access.OVERSIGHT,
    "admin.check_audit": Access.CHECK,
}

#: Public, but not with a browser in which somebody of the staff is signed in: answers are those of
#: citizens, and who is signed in could be told beside what was answered. Signing out is enough.
#: On a kiosk sheets that wait are kept meanwhile: they go when the device may report in again.
NOT_FOR_STAFF = frozenset(
    {
        "citizen.show",
        "citizen.answer",
        "citizen.contact",
        "citizen.ask_for_reply",
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
}

#: All that may be done before a second step is set up, by those who need one.
ENROLLING = frozenset(
    {"auth.enrolment", "auth.begin_enrolment", "auth.confirm_enrolment", "auth.sign_out"}
)

#: What a key must be good for at the endpoints that ask for one.
KEY_SCOPES: dict[str, KeyScope] = {
    "api.create_invitations": KeyScope.INVITATIONS,
    "api.put_dossier_counts": KeyScope.DOSSIER_COUNTS,
}


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


def admitting_grants(account: Account, endpoint: str, *, reads: bool) -> tuple[AccountGrant, ...]:
    """The grants by which an account may call an endpoint today; none = it may not.

    ``reads``: nothing is to change. Where something is, the roles that only read do not count.
    """
    access = ACCESS.get(endpoint)
    admitted = ADMITTED.get(access) if access else None
    if admitted is None:
        return ()
    changes_more = not reads and access not in READERS_SEND
    return tuple(
        grant
        for grant in valid_grants(account, local_date(now()))
        if grant.role in admitted.roles
        and not (admitted.is_whole and grant.unit_id is not None)
        and not (changes_more and grant.role in READERS)
    )


def current_scope() -> Scope:
    """The units that this request may be about: those of the grants that admit it, and of no
    other grant."""
    if "scope" not in g:
        reads = request.method in SAFE_METHODS
        grants = admitting_grants(signed_in_account(), request.endpoint or "", reads=reads)
        with _reading() as session:
            g.scope = scope_of(session, grants)
    scope: Scope = g.scope
    return scope


def is_guarded() -> bool:
    """Whether this request is for the signed-in staff only."""
    return ACCESS.get(request.endpoint or "") in ADMITTED


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
        if request.endpoint not in ENROLLING and lacks_second_step(row.account):
            return redirect(url_for("auth.enrolment"))
        reads = request.method in SAFE_METHODS
        may_call = admitting_grants(row.account, request.endpoint, reads=reads)
        if access is None or (access is not Access.SIGNED_IN and not may_call):
            abort(403)
        _require_survey_in_scope(access)
        _note_use(row)
        g.must_record = request.method not in SAFE_METHODS and request.endpoint not in UNRECORDED
        return None

    @app.context_processor
    def account() -> dict[str, Any]:
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


def lacks_second_step(account: Account) -> bool:
    """Whether a role of the account asks for a second step that has not been set up."""
    with _reading() as session:
        return must_enrol(session, account, local_date(now()))


def _require_survey_in_scope(access: Access) -> None:
    """Raises NotFound for an address below a survey that is none of the account's: nothing of it
    lies in the scope, or, where surveys are managed, something of it lies outside."""
    rule = request.url_rule
    code = (request.view_args or {}).get("code", "")
    if rule is None or "/surveys/<code>" not in rule.rule or current_scope().unit_ids is None:
        return
    scope = current_scope()
    with _reading() as session:
        unit_ids = surveyed_unit_ids(session, code)
        if access not in MANAGING and not scope.holds_any(unit_ids):
            unit_ids = read_lineage(session).offspring(unit_ids)  # figures by present boundaries
    is_within = scope.holds_all(unit_ids) if access in MANAGING else scope.holds_any(unit_ids)
    if not unit_ids or not is_within:
        raise NotFound("Không có cuộc khảo sát này trong phạm vi của ông/bà.")


def _note_use(row: SignIn) -> None:
    """Move the idle limit, at most once a minute, in a transaction of its own (a GET may not
    write in its own session)."""
    moment = now()
    if (moment - row.last_seen_at).total_seconds() > 60 and request.method == "GET":
        with database().transaction() as session:
            touch(session, row, now=moment)
