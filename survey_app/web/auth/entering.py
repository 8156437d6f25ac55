"""The last part of every way in: the second step where there is one, a new session, its cookie."""

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey_app.clock import now
from survey_app.errors import HaiLongError
from survey_app.operations.access import second_step, signing_in
from survey_app.operations.access.accounts import Account
from survey_app.operations.access.signing_in import SignIn, Vouched
from survey_app.storage.database import Session
from survey_app.web.auth import pending
from survey_app.web.auth.browsers import describe_browser
from survey_app.web.auth.forms import SignInForm
from survey_app.web.errors import STATUS
from survey_app.web.guard import cookie_name, current_sign_in
from survey_app.web.offers import home_page, may_visit
from survey_app.web.provider import passwords_are_for_administrators

_LEFT = "left_provider"


def sign_in_page(
    form: SignInForm, wanted: str, *, refusal: HaiLongError | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page with every way in that there is; a refusal brings its own status."""
    page = render_template(
        "auth/sign_in.html",
        form=form,
        next=wanted,
        refusal=refusal.message if refusal else "",
        only_administrators=passwords_are_for_administrators(),
        has_left_provider=session.pop(_LEFT, False),
    )
    return page, STATUS[type(refusal)] if refusal else status


def enter_or_ask_code(
    database: Session, account: Account, wanted: str, *, by: Vouched | None = None
) -> Response:
    """After the first step, by the password or by an identity of a provider: the own second step
    where the account has one."""
    if second_step.is_enrolled(account):
        pending.begin_second_step(account, wanted, by=by)
        return redirect(url_for("auth.second_step"))
    return enter(database, account, wanted, by=by)


def enter(
    database: Session, account: Account, wanted: str, *, by: Vouched | None = None
) -> Response:
    """A new session for this browser in the place of whatever it held before, and the first
    page."""
    former = current_sign_in()
    if former is not None:
        signing_in.sign_out(database, former, now=now())
    token, row = signing_in.open_session(
        database,
        account,
        now=now(),
        browser=describe_browser(request.user_agent.string),
        by=by,
    )
    g.sign_in = row
    return _with_cookie(redirect(first_page(wanted)), token)


def first_page(wanted: str) -> str:
    """Where to go once signed in: the page asked for, if the account may open it."""
    return wanted if wanted and may_visit(wanted) else home_page()


def note_left(row: SignIn | None) -> None:
    """After signing out here: the next page offers to sign out at the provider as well."""
    session.pop(_LEFT, None)
    if row is not None and row.is_by_provider:
        session[_LEFT] = True


def without_cookie(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
    return response


def _with_cookie(response: Response, token: str) -> Response:
    session.clear()  # a form opened before signing in is not good afterwards
    response.set_cookie(
        cookie_name(),
        token,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
