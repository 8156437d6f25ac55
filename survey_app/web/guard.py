"""The guard before every request: who is signed in, what the table of access says, which units."""

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
from survey_app.operations.access.accounts import Account, AccountGrant
from survey_app.operations.access.rights import READERS, Scope, scope_of, valid_grants
from survey_app.operations.access.second_step import must_enrol
from survey_app.operations.access.signing_in import SignIn, find_sign_in, touch
from survey_app.operations.fieldwork.surveyed_units import surveyed_unit_ids
from survey_app.operations.organisation.lineage import read_lineage
from survey_app.storage.database import Session
from survey_app.web.access import (
    ACCESS,
    CHOOSING,
    ENROLLING,
    KEY_SCOPES,
    NOT_FOR_STAFF,
    UNRECORDED,
    Access,
)
from survey_app.web.api_keys import admit_key
from survey_app.web.permissions import ADMITTED, MANAGING, READERS_SEND
from survey_app.web.transactions import SAFE_METHODS, current_session, database

STAFF_MAY_NOT_ANSWER = (
    "Trình duyệt này đang đăng nhập bằng tài khoản của cán bộ nên không mở hoặc gửi phiếu khảo sát "
    "được: phiếu dành cho người dân, và không để tên người đăng nhập đi cùng câu trả lời nào."
)


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


def init_guard(app: Flask) -> None:
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
        if (duty := _first_duty(row, request.endpoint)) is not None:
            return redirect(url_for(duty))
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


def _first_duty(row: SignIn, endpoint: str) -> str | None:
    """Where somebody must go before anything else, None where the way is free."""
    if must_choose_password(row):
        return None if endpoint in CHOOSING else "auth.choose_password"
    if endpoint not in ENROLLING and lacks_second_step(row.account):
        return "auth.enrolment"
    return None


def must_choose_password(row: SignIn) -> bool:
    """Whether this browser was let in by a password that somebody else knows."""
    return row.account.password_given_at is not None and not row.is_by_provider


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
