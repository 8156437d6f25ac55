"""The routes: every endpoint has its place in the table of access, and the guard keeps it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.web.access import ACCESS, Access

#: What a citizen or a machine may call without signing in. A new name here is a decision.
PUBLIC = {
    "static",
    "api.healthz",
    "api.readyz",
    "api.openapi",
    "api.put_response",
    "auth.sign_in",
    "auth.second_step",
    "auth.begin_at_provider",
    "auth.finish_at_provider",
    "auth.leave_provider",
    "auth.hear_logout",
    "citizen.welcome",
    "citizen.show",
    "citizen.answer",
    "citizen.start_another",
    "citizen.thanks",
    "citizen.privacy",
    "citizen.contact",
    "citizen.ask_for_reply",
    "citizen.withdrawal",
    "citizen.withdraw",
    "fonts.font",
    "recordings.recording",
    # these ask for the key of a device, not for a sign-in
    "kiosk.shell",
    "kiosk.enrolment",
    "kiosk.enrol",
    "kiosk.worker",
    "kiosk.take_sheets",
    "kiosk.check_code",
    "kiosk.report",
    "kiosk.leave",
}
EXAMPLES = {"IdConverter": 1, "UUIDConverter": "0190b5f0-0000-7000-8000-000000000000"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(
        environment="development",
        data_directory=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'routes.db'}",
        secret_key="a key for tests only, long enough for everybody",
    )
    app = create_app(settings)
    yield app
    app.extensions["hailong.database"].dispose()


def guarded_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if ACCESS[rule.endpoint] != Access.PUBLIC]


def address_of(app: Flask, rule: Rule) -> str:
    converters = {name: type(rule._converters[name]).__name__ for name in rule.arguments}
    values = {name: EXAMPLES.get(converter, "x") for name, converter in converters.items()}
    with app.test_request_context():
        return url_for(rule.endpoint, **values)


def test_every_endpoint_is_in_the_table_of_access(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def test_only_agreed_endpoints_are_public() -> None:
    assert {name for name, access in ACCESS.items() if access == Access.PUBLIC} == PUBLIC


def test_strangers_are_sent_away_from_every_guarded_endpoint(app: Flask) -> None:
    client = app.test_client()
    for rule in guarded_rules(app):
        address = address_of(app, rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(address, method=method)
            is_sent_to_sign_in = answer.status_code == 302 and "sign-in" in answer.location
            is_refused = answer.status_code in {401, 403}
            assert is_sent_to_sign_in or is_refused, f"{method} {address}: {answer.status}"


def test_every_answer_forbids_inline_script_and_style(app: Flask) -> None:
    policy = app.test_client().get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
