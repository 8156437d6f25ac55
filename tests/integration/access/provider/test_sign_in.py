"""Signing in at a provider on loopback, by the pages: linking, refusals, leaving."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.cli.backup import doctor
from survey_app.clock import now
from survey_app.config import PasswordUse, ProviderSettings, Settings
from survey_app.operations.access.identities import WAITS_FOR
from survey_app.operations.access.signing_in import MOST_FAILED_ATTEMPTS
from survey_app.storage.database import Database
from survey_app.storage.models import Account, AccountIdentity, SignIn, WaitingIdentity
from survey_app.web.limits import (
    SIGN_IN_STEPS_A_MINUTE,
    WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS,
)
from tests.factories import PASSWORD
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.integration.access.provider.visits import (
    CALLBACK,
    account_id,
    come,
    enrol,
    go_out,
    link,
    reference_on,
    show,
)
from tests.integration.office import actions, plain, post, sign_in

pytestmark = pytest.mark.usefixtures("accounts")


def test_nobody_is_let_in_and_nothing_linked_by_itself(
    client: FlaskClient, database: Database, provider: Provider
) -> None:
    provider.person["preferred_username"] = "binh"  # as an account here is called
    answer = come(client)
    assert answer.status_code == 403
    assert "Trần Thị Bình" in answer.text
    assert client.get("/account").status_code == 302
    again = come(client)
    assert reference_on(again) == reference_on(answer)
    with database.session() as session:
        assert session.scalars(select(WaitingIdentity.told_username)).all() == ["binh"]
        assert session.scalars(select(AccountIdentity)).all() == []
    assert "sign_in.provider" not in actions(database)


def test_an_administrator_links_by_the_reference_and_sees_who_it_is(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    reference = reference_on(come(client))
    admin = app.test_client()
    sign_in(admin)
    page = f"/admin/accounts/{account_id(database)}/identity"
    listed = admin.get(page)
    assert "Trần Thị Bình" in listed.text
    assert reference not in listed.text
    assert "1 người đã đăng nhập" in plain(admin.get("/admin/accounts"))
    wrong = admin.get(page, query_string={"reference": "AAAA-AAAA"})
    assert wrong.status_code == 422
    assert 'value="AAAA-AAAA"' in wrong.text
    shown = admin.get(page, query_string={"reference": reference.lower()})
    assert "Gắn với tài khoản binh" in plain(shown)
    assert post(admin, page, page=page, reference=reference).status_code == 302
    assert actions(database).count("account.link") == 1
    assert "binh.tt" in admin.get(f"/admin/accounts/{account_id(database)}").text
    answer = come(client)
    assert answer.location == "/officer/"
    assert client.get("/account").status_code == 200
    assert actions(database)[-1] == "sign_in.provider"


def test_one_person_one_account_one_person(
    app: Flask, linked: None, database: Database, provider: Provider
) -> None:
    provider.person = {"sub": "another", "name": "Trần Thị Bình"}
    reference = reference_on(come(app.test_client()))
    refused = link(app, database, reference)
    assert refused.status_code == 422
    assert "đã được gắn rồi" in refused.text
    assert link(app, database, reference, "quantri").status_code == 302
    with database.session() as session:
        found = session.execute(select(AccountIdentity.subject, AccountIdentity.account_id)).all()
    assert {subject for subject, _ in found} == {"a1b2-c3d4", "another"}
    assert len({account for _, account in found}) == 2


def test_the_same_subject_of_another_issuer_is_somebody_else(
    app: Flask, linked: None, settings: Settings, database: Database
) -> None:
    with running() as elsewhere:
        other = ProviderSettings(elsewhere.issuer, CLIENT_ID, CLIENT_SECRET)
        moved = create_app(replace(settings, provider=other), database)
        reference = reference_on(come(moved.test_client()))
        refused = link(app, database, reference, "quantri")  # nor is it one that waits here
        assert "Không có mã đối chiếu này" in refused.text
        assert link(moved, database, reference, "quantri").status_code == 302


def test_only_what_this_browser_began_comes_back(
    app: Flask, linked: None, database: Database
) -> None:
    attacker, victim = app.test_client(), app.test_client()
    back = go_out(attacker)
    refused = victim.get(back)  # the victim shall be signed in as the attacker
    assert refused.status_code == 403
    assert "không bắt đầu từ trình duyệt" in refused.text
    assert victim.get("/account").status_code == 302
    begun = go_out(victim)  # and with a journey of its own
    state = parse_qs(urlsplit(begun).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert victim.get(back).status_code == 403
    go_out(victim)
    assert victim.get(f"{CALLBACK}?code={code}&state={state}").status_code == 403
    assert attacker.get(back).status_code == 302


def test_the_way_back_is_good_once_and_for_ten_minutes(app: Flask, linked: None) -> None:
    client = app.test_client()
    back = go_out(client)
    token = client.get_cookie("hailong-way")
    assert client.get(back).status_code == 302
    assert client.get(back).location == "/officer/", "the own reload does no harm"
    other = app.test_client()
    other.set_cookie("hailong-way", token.value)  # kept by somebody
    assert other.get(back).status_code == 403, "the provider has seen the code"
    late = app.test_client()
    with time_machine.travel(now(), tick=False) as clock:
        back = go_out(late)
        clock.shift(timedelta(seconds=601))
        assert late.get(back).status_code == 403


def test_a_new_session_for_each_sign_in(app: Flask, linked: None, database: Database) -> None:
    client = app.test_client()
    client.set_cookie("hailong", "planted-by-somebody")
    answer = come(client)
    cookies = answer.headers.getlist("Set-Cookie")
    (cookie,) = [one for one in cookies if one.startswith("hailong=")]
    assert "planted" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert any(one.startswith("hailong-way=;") for one in cookies)
    with database.session() as session:
        by_provider = session.scalars(select(SignIn.is_by_provider).order_by(SignIn.created_at))
        assert by_provider.all()[-1] is True


def test_the_own_second_step_is_asked_for_all_the_same(
    app: Flask, linked: None, database: Database, provider: Provider
) -> None:
    provider.claims = {"amr": ["mfa"], "acr": "high"}  # the provider's word is not ours
    with time_machine.travel(now(), tick=False) as clock:
        first = app.test_client()
        come(first)
        totp = enrol(first)
        clock.shift(timedelta(seconds=30))
        client = app.test_client()
        assert come(client, "/sign-in/provider?next=/account").location == "/sign-in/code"
        assert client.get("/account").status_code == 302
        assert show(client, totp).location == "/account"
        clock.shift(timedelta(seconds=30))
        late = app.test_client()
        assert come(late).location == "/sign-in/code"
        unlink(app, database)
        assert show(late, totp).status_code == 403, "taken away between the steps"


def unlink(app: Flask, database: Database) -> None:
    client = app.test_client()
    sign_in(client)
    page = f"/admin/accounts/{account_id(database)}"
    with database.session() as session:
        identity_id = session.scalars(select(AccountIdentity.id)).one()
    other = f"/admin/accounts/{account_id(database, 'quantri')}/identity/{identity_id}/unlink"
    assert post(client, other, page=page).status_code == 404, "of another account"
    address = f"{page}/identity/{identity_id}/unlink"
    assert post(client, address, page=page).status_code == 302


def test_unlinked_means_out(
    app: Flask, client: FlaskClient, linked: None, database: Database
) -> None:
    come(client)
    assert client.get("/account").status_code == 200
    unlink(app, database)
    assert client.get("/account").status_code == 302
    assert come(client).status_code == 403
    assert "account.unlink" in actions(database)


def test_a_stopped_account_stays_stopped(
    app: Flask, client: FlaskClient, linked: None, database: Database
) -> None:
    admin = app.test_client()
    sign_in(admin)
    address = f"/admin/accounts/{account_id(database)}/active"
    post(admin, address, page="/admin/accounts", wish="deactivate")
    refused = come(client)
    assert refused.status_code == 403
    assert "đã bị khóa" in refused.text
    assert client.get("/account").status_code == 302


def test_guesses_at_a_password_shut_nobody_out_and_are_not_forgotten(
    app: Flask, client: FlaskClient, linked: None, database: Database
) -> None:
    for _ in range(MOST_FAILED_ATTEMPTS):
        post(client, "/sign-in", page="/sign-in", username="binh", password="sai")
    assert come(client).status_code == 302
    post(client, "/account/second-step/begin")  # begun is not set up: no code is shown
    assert come(app.test_client()).status_code == 302
    with database.session() as session:
        account = session.get_one(Account, account_id(database))
        assert account.locked_until and account.failed_attempts == MOST_FAILED_ATTEMPTS


def silence() -> tuple[int, bytes]:
    return 503, b"away"


@pytest.mark.parametrize("place", ["/.well-known/openid-configuration", "/token"])
def test_without_the_provider_the_password_still_opens(
    place: str,
    client: FlaskClient,
    linked: None,
    provider: Provider,
    settings: Settings,
    database: Database,
) -> None:
    app = create_app(settings, database)  # that has asked nothing yet
    app.testing = True
    client = app.test_client()
    provider.broken[place] = silence
    answer = come(client) if place == "/token" else client.get("/sign-in/provider?next=/account")
    assert answer.status_code == 503
    assert "Hiện không kết nối được với nơi cấp tài khoản của tỉnh" in answer.text
    assert 'name="password"' in answer.text
    sign_in(client, "binh")


def test_who_refuses_there_is_told_so_here(client: FlaskClient, provider: Provider) -> None:
    provider.brought = {"error": "access_denied", "error_description": "<b>không</b>"}
    answer = come(client)
    assert answer.status_code == 403
    assert "Ông/bà đã dừng ở nơi cấp tài khoản của tỉnh" in answer.text
    assert "<b>" not in answer.text


def test_sixty_people_behind_one_address_come_from_the_provider_in_one_minute(
    app: Flask, linked: None
) -> None:
    with time_machine.travel(now(), tick=False):
        assert {come(app.test_client()).status_code for _ in range(60)} == {302}


def test_journeys_that_prove_nothing_are_counted_each_and_at_their_address(
    app: Flask, client: FlaskClient
) -> None:
    with time_machine.travel(now(), tick=False):
        for _ in range(WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS + 1):
            lost = client.get(f"{CALLBACK}?code=x&state=y")  # begun nowhere: nothing is asked
            assert lost.status_code == 403
        for _ in range(WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS):
            guesser = app.test_client()
            assert guesser.get("/sign-in/provider").status_code == 302
            assert guesser.get(f"{CALLBACK}?code=x&state=y").status_code == 403
        assert app.test_client().get("/sign-in/provider").status_code == 429
        sign_in(app.test_client(), "binh")  # by password, whatever comes from the provider


def test_one_journey_is_not_good_for_many_guesses(client: FlaskClient) -> None:
    with time_machine.travel(now(), tick=False):
        client.get("/sign-in/provider")
        begun = client.get_cookie("hailong-way")
        assert begun is not None
        met = []
        for _ in range(SIGN_IN_STEPS_A_MINUTE + 1):
            client.set_cookie("hailong-way", begun.value)
            met.append(client.get(f"{CALLBACK}?code=x&state=y").status_code)
        assert (set(met[:-1]), met[-1]) == ({403}, 429)


def test_who_waits_is_forgotten_and_names_are_made_harmless(
    app: Flask, client: FlaskClient, database: Database, provider: Provider
) -> None:
    provider.person = {"sub": "x", "name": "<script>x</script>" + "a" * 300 + "\u202e"}
    reference = reference_on(come(client))
    admin = app.test_client()
    sign_in(admin)
    page = f"/admin/accounts/{account_id(database)}/identity?reference={reference}"
    assert "<script>x" not in admin.get(page).text
    with database.session() as session:
        name = session.scalars(select(WaitingIdentity.told_name)).one()
    assert len(name) == 120
    with time_machine.travel(now() + WAITS_FOR + timedelta(minutes=1)):
        late = app.test_client()
        sign_in(late)
        assert late.get(page).status_code == 422
        provider.person = {"sub": "y"}
        come(app.test_client())
    with database.session() as session:
        assert session.scalars(select(WaitingIdentity.subject)).all() == ["y"]


@pytest.mark.parametrize("way", ["/sign-out", "/account/sign-out-everywhere"])
def test_leaving_here_offers_to_leave_there(
    way: str, client: FlaskClient, linked: None, provider: Provider
) -> None:
    come(client)
    post(client, way)
    assert client.get("/account").status_code == 302
    page = client.get("/sign-in").text
    assert "đăng xuất cả ở nơi cấp" in page
    address = client.get("/sign-out/provider").location
    assert address.startswith(f"{provider.issuer}/end?client_id=hailong&")
    assert "sign-in" in address
    assert "đăng xuất cả ở nơi cấp" not in client.get("/sign-in").text


def test_who_keeps_the_machine_is_told_of_a_provider_that_is_away(
    settings: Settings, database: Database, provider: Provider
) -> None:
    given = {
        "HAILONG_DATA": str(settings.data_directory),
        "HAILONG_OIDC_ISSUER": provider.issuer,
        "HAILONG_OIDC_CLIENT_ID": CLIENT_ID,
        "HAILONG_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    runner = CliRunner(env=given)
    assert runner.invoke(doctor).exit_code == 0
    provider.broken["/keys"] = silence
    found = runner.invoke(doctor)
    assert found.exit_code == 1
    assert f"Không hỏi được nơi cấp tài khoản {provider.issuer}" in found.output


@pytest.mark.usefixtures("linked")
def test_passwords_may_be_for_administrators_only(settings: Settings, database: Database) -> None:
    assert settings.provider
    strict = replace(settings.provider, passwords=PasswordUse.ADMINISTRATORS)
    app = create_app(replace(settings, provider=strict), database)
    client = app.test_client()
    for _ in range(MOST_FAILED_ATTEMPTS):
        fields = {"username": "binh", "password": PASSWORD}
        assert post(client, "/sign-in", page="/sign-in", **fields).status_code == 403
    with database.session() as session:
        assert session.get_one(Account, account_id(database)).failed_attempts == 0
    sign_in(client)
    assert "Đổi mật khẩu" in client.get("/account").text
    come(client := app.test_client())
    assert "Đổi mật khẩu" not in client.get("/account").text


@pytest.mark.parametrize(
    "address",
    ["/sign-in/provider", CALLBACK, "/sign-out/provider", "/admin/accounts/1/identity"],
)
def test_without_a_provider_there_is_nothing_of_it(
    address: str, settings: Settings, database: Database
) -> None:
    client = create_app(replace(settings, provider=None), database).test_client()
    assert "Đăng nhập bằng" not in client.get("/sign-in").text
    sign_in(client)
    assert client.get(address).status_code == 404


def test_in_production_the_cookies_are_bound_to_https(
    settings: Settings, database: Database
) -> None:
    public = "https://khaosat.example.vn"
    live = replace(settings, environment="production", public_url=public)
    client = create_app(live, database).test_client()
    answer = client.get("/sign-in/provider", base_url=public)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-hailong-way=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    back = parse_qs(urlsplit(answer.location).query)["redirect_uri"]
    assert back == [f"{public}{CALLBACK}"]
