"""Files and addresses made to break the files' page: refused with a sentence, or not found."""

import pytest
from flask.testing import FlaskClient

from survey_app.operations.files import results as file_results
from survey_app.storage.database import Database
from tests.integration.office import plain, sign_in
from tests.integration.officer.file_forms import PAGE, analyse, make_accounts, rank

ANSWERS = "q1;w\n5;1\n4;2\n2;3\n5;{weight}\n"
HUGE = "9" * 20


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        make_accounts(session)


@pytest.mark.parametrize("weight", ["1e308", "1e200", "1e-200", "1.234", "1_0"])
def test_weights_out_of_bounds_are_listed(client: FlaskClient, weight: str) -> None:
    sign_in(client, "canbo")
    page = analyse(client, ANSWERS.format(weight=weight), factors="q1", weight="w")
    assert page.status_code == 422
    assert "dòng 5, cột B" in plain(page)


@pytest.mark.parametrize(
    "line",
    [
        "where: {2025: 1}",
        "where: {[1, 2]: 2}",
        "compare: {column: 5, from: 1, to: 2}",
        f"answers: {{maximum: {'9' * 400}}}",
        "answers: {maximum: .inf}",
        "w: &a [x]\nintervals: *a",
    ],
)
def test_plans_are_refused(client: FlaskClient, line: str) -> None:
    sign_in(client, "canbo")
    plan = f"factors: {{A: [q1]}}\n{line}\n"
    page = analyse(client, ANSWERS.format(weight=4), plan_text=plan)
    assert page.status_code == 422
    assert "Kế hoạch phân tích" in plain(page)


def test_a_page_shows_so_many_figures(client: FlaskClient) -> None:
    sign_in(client, "canbo")
    names = [f"q{number}" for number in range(100)]
    data = ";".join(names) + "\n" + f"{';'.join('5' * 100)}\n{';'.join('3' * 100)}\n"
    groups = ", ".join(f"{{q0: {group}}}" for group in range(50))
    plan = f"factors: {{A: [{', '.join(names)}]}}\ndomains: [{groups}]\n"
    page = analyse(client, data, plan_text=plan)
    assert page.status_code == 422
    assert "nhiều nhất 2.000" in plain(page)
    # An ordinary plan is far from that bound: 22 questions, 8 factors, two dozen groups.
    assert file_results.PAGE_LIMITS.estimates > (22 + 8 + 3) * (1 + 24 + 1)


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ("C;0,7;1e308", {}),
        ("C;0,7;1e160", {}),
        ("C;0,7;0,02", {"ranks-confidence": "99.9999999999"}),
        (None, {}),
    ],
)
def test_ranks_are_refused(client: FlaskClient, row: str | None, fields: dict[str, str]) -> None:
    sign_in(client, "canbo")
    data = "unit;estimate;standard_error\n" + (f"A;0,9;0,01\n{row}\n" if row else "")
    assert rank(client, data, **fields).status_code == 422


@pytest.mark.parametrize(
    "address",
    [f"{PAGE}/kept/{HUGE}", f"{PAGE}/kept/{HUGE}/report.pdf", f"{PAGE}/kept/{'9' * 5000}"],
)
def test_numbers_no_row_can_have_are_not_found(client: FlaskClient, address: str) -> None:
    sign_in(client, "quantri")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"/admin/surveys/X/samples/H01/{HUGE}",
        f"/admin/questionnaires/{HUGE}",
        f"/officer/surveys/X/units/H01/samples/{HUGE}.xlsx",
    ],
)
def test_the_guard_is_of_every_address(client: FlaskClient, address: str) -> None:
    sign_in(client, "quantri")
    assert client.get(address).status_code == 404


def test_a_page_from_nowhere_is_the_first(client: FlaskClient) -> None:
    sign_in(client, "quantri")
    for before in (HUGE, "9" * 5000, "-1", "x"):
        assert client.get(f"{PAGE}/kept?before={before}").status_code == 200
