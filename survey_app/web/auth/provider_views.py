"""Signing in at the provider: out by a link, back with a code; leaving there as well; its word
that somebody has left.

Out by GET: a form would be stopped by form-action where Chromium follows its redirect, and a link
that somebody is tricked into does no more than show the provider's page.
"""

from datetime import timedelta

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey_app.clock import now
from survey_app.errors import Forbidden, TooMany, Unavailable
from survey_app.identity_provider import IdentityProvider, ToldIdentity
from survey_app.operations.access import identities
from survey_app.operations.access.provider_logout import end_by_provider, session_digest
from survey_app.operations.access.signing_in import ABSOLUTE_LIMIT, Vouched
from survey_app.web.auth import blueprint, journeys
from survey_app.web.auth.destination import local_page
from survey_app.web.auth.entering import enter_or_ask_code, first_page, sign_in_page
from survey_app.web.auth.forms import SignInForm
from survey_app.web.guard import current_account
from survey_app.web.limits import (
    BY_PROVIDER,
    is_calm,
    note_wrong_logout,
    note_wrong_sign_in,
    require_sign_in_turn,
)
from survey_app.web.provider import provider
from survey_app.web.transactions import current_session, database

NOT_BEGUN = (
    "Lần đăng nhập này không bắt đầu từ trình duyệt đang dùng, hoặc đã quá 10 phút. Vui lòng đăng "
    "nhập lại từ đầu."
)


@blueprint.get("/sign-in/provider")
def begin_at_provider() -> ResponseReturnValue:
    found, wanted = provider(), local_page(request.args.get("next", ""))
    again = "again" in request.args  # who they are is to be shown anew, signed in or not
    if current_account() is not None and not again:
        return redirect(first_page(wanted))
    longest = timedelta(0) if again else ABSOLUTE_LIMIT
    try:
        require_sign_in_turn(BY_PROVIDER)
        address, journey = found.begin(
            _address_of("auth.finish_at_provider"), longest_ago=longest, now=now()
        )
    except (TooMany, Unavailable) as refusal:
        return sign_in_page(SignInForm(formdata=None), wanted, refusal=refusal)
    return journeys.remember(redirect(address), journeys.Begun(journey, wanted))


@blueprint.get("/sign-in/provider/callback")
def finish_at_provider() -> ResponseReturnValue:
    found, begun = provider(), journeys.begun_here()
    if begun is None and current_account() is not None:  # back or reload, after all went well
        return redirect(first_page(""))
    try:
        if begun is None:
            raise Forbidden(NOT_BEGUN)
        require_sign_in_turn(BY_PROVIDER, f"journey:{begun.journey.state}")
        told = _told(found, begun)
        answer = _let_in_or_wait(told, begun.wanted)
    except (Forbidden, TooMany, Unavailable) as refusal:
        wanted = begun.wanted if begun else ""
        answer = make_response(sign_in_page(SignInForm(formdata=None), wanted, refusal=refusal))
    return journeys.forget(answer)


@blueprint.get("/sign-out/provider")
def leave_provider() -> ResponseReturnValue:
    try:
        address = provider().sign_out_address(_address_of("auth.sign_in"), now=now())
    except Unavailable as refusal:
        return sign_in_page(SignInForm(formdata=None), "", refusal=refusal)
    if address is None:
        flash("Nơi cấp không có trang đăng xuất; hãy đóng tất cả cửa sổ của trình duyệt.")
    return redirect(address or url_for("auth.sign_in"))


@blueprint.post("/sign-out/provider/back-channel")
def hear_logout() -> ResponseReturnValue:
    """The provider itself speaks here, with no browser and no cookie: its signature is the key.

    Strangers who send much are not refused, for the provider may share their address: what they
    send is only judged by what is known already.
    """
    found, moment = provider(), now()
    try:
        token = request.form.get("logout_token", "")
        told = found.hear_logout(token, may_ask=is_calm(), now=moment)
        end_by_provider(current_session(), told, now=moment)
    except (Forbidden, Unavailable) as refusal:
        note_wrong_logout()
        return {"error": "invalid_request", "error_description": refusal.message}, 400
    return "", 200


def _told(found: IdentityProvider, begun: journeys.Begun) -> ToldIdentity:
    """Who came back, by the provider's word. Raises Forbidden, which counts at the address, and
    Unavailable."""
    brought, back_to = request.args.to_dict(), _address_of("auth.finish_at_provider")
    try:
        return found.finish(begun.journey, brought, back_to, now=now())
    except Forbidden:
        note_wrong_sign_in(BY_PROVIDER)
        raise


def _let_in_or_wait(told: ToldIdentity, wanted: str) -> Response:
    """The account that an administrator linked, or a reference to show them. Raises Forbidden."""
    with database().transaction() as session:  # a GET may not write in its own
        linked = identities.find_linked(session, told)
        if linked is not None:
            digest = session_digest(told.issuer, told.session)
            by = Vouched(linked.id, digest, told.proven_at)
            return enter_or_ask_code(session, linked.account, wanted, by=by)
        found = identities.let_wait(session, told, now=now())
    days = identities.WAITS_FOR.days
    return make_response(render_template("auth/not_linked.html", found=found, days=days), 403)


def _address_of(endpoint: str) -> str:
    """The full address of a page here, as it is registered with the provider."""
    public: str = current_app.config["SETTINGS"].public_url
    return public + url_for(endpoint) if public else url_for(endpoint, _external=True)
