"""Every route asked as every role and as nobody, and compared with the table in
``tests.permissions``, which was not made from the program's."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.factories import make_account, make_survey, make_unit
from tests.integration.office import sign_in
from tests.permissions import EVERYBODY_SIGNED_IN, LETTERS, NOT_IN_A_BRANCH, OPEN, ROLES_OF

EXAMPLES = {"IdConverter": 99, "UUIDConverter": "0190b5f0-0000-7000-8000-000000000000"}
#: A check of the audit record leaves nothing but an entry; answers tried on a draft are forgotten.
SENT_BY_READERS = {"admin.check_audit", "admin.try_preview"}
BRANCH_CODE = "KS-H01"


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """One account for each role in every unit, and one for each in the branch H01."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        make_survey(session, [make_unit(session, "H01.01", parent=root)], code=BRANCH_CODE)
        for role in AccountRole:
            make_account(session, f"{role.value}.all".replace("_", ""), role)
            if role is not AccountRole.ADMINISTRATOR:
                make_account(session, f"{role.value}.h01".replace("_", ""), role, root)


def calls(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, address) for every route; the objects named are not there, so that nothing
    is done. The survey is one of the branch, or what is asked would be refused for it."""
    for rule in app.url_map.iter_rules():
        kinds = {name: type(rule._converters[name]).__name__ for name in rule.arguments}
        values = {name: EXAMPLES.get(kind, "x") for name, kind in kinds.items()}
        if "/surveys/<code>" in rule.rule:
            values["code"] = BRANCH_CODE
        _, address = rule.build(values) or ("", "")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


def is_sent_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and answer.location.startswith("/sign-in?next=")


def is_let_in(client: FlaskClient, method: str, address: str) -> bool:
    """Whether the door opens. A form goes without its token: behind the door it is refused as
    forged (400), so that no route does what it is there for."""
    answer = client.open(address, method=method)
    assert not is_sent_to_sign_in(answer), f"{method} {address}"
    assert answer.status_code < 500, f"{method} {address}"
    return answer.status_code not in {401, 403}


def test_every_endpoint_stands_in_the_table_of_the_tests(app: Flask) -> None:
    here = set(ROLES_OF) | set(OPEN)
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert here == there, "write the endpoint into tests/permissions.py"
    assert not set(ROLES_OF) & set(OPEN)


def test_nobody_comes_in_without_signing_in(app: Flask) -> None:
    for rule, method, address in calls(app):
        answer = app.test_client().open(address, method=method)
        is_open = rule.endpoint in OPEN
        assert is_sent_to_sign_in(answer) != is_open, f"{method} {address}: {answer.status}"


@pytest.mark.parametrize("role", list(AccountRole))
@pytest.mark.parametrize("where", ["all", "h01"])
def test_each_role_comes_in_where_the_table_says_and_nowhere_else(
    app: Flask, role: AccountRole, where: str
) -> None:
    if where == "h01" and role is AccountRole.ADMINISTRATOR:
        pytest.skip("an administrator is never of a branch")
    client = app.test_client()
    sign_in(client, f"{role.value}.{where}".replace("_", ""))
    wrong = []
    for rule, method, address in calls(app):
        if rule.endpoint in OPEN:
            continue
        is_expected = role in ROLES_OF[rule.endpoint]
        if where == "h01" and rule.endpoint in NOT_IN_A_BRANCH:
            is_expected = False
        if is_let_in(client, method, address) != is_expected:
            wrong.append(f"{method} {rule.endpoint}: expected {is_expected}")
    assert wrong == []
    assert client.get("/account").status_code == 200, "still signed in at the end"


@pytest.mark.parametrize("role", [AccountRole.LEADER, AccountRole.AUDITOR])
def test_who_only_reads_can_send_no_form_but_about_himself(app: Flask, role: AccountRole) -> None:
    everybody = {LETTERS[letter] for letter in EVERYBODY_SIGNED_IN}
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}
        if rule.endpoint in SENT_BY_READERS:
            continue
        if methods and rule.endpoint not in OPEN and role in ROLES_OF[rule.endpoint]:
            assert ROLES_OF[rule.endpoint] == everybody, rule.endpoint


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "administrator.all")
    for rule, method, address in calls(app):
        if method != "GET" and rule.endpoint not in OPEN:
            assert client.open(address, method=method).status_code == 400, f"{method} {address}"
