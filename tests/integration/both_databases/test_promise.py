"""The promise of docs/privacy.md, kept: real sheets by every way in, then every table is compared
row by row with what it was before."""

import io
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.links import hash_token
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.intake.submission import key_of, mix_links, receipt_code
from survey_app.operations.paper.forms import form_id
from survey_app.storage.database import Database, sqlite_path
from survey_app.storage.models import CollectionPoint, FreeText
from survey_app.web.citizen.one_sheet import COOKIE
from tests import promise
from tests.durability.kill import stored_key
from tests.factories import make_account, make_one_time_link, make_point, make_survey, make_unit
from tests.integration.office import post, sign_in

#: A moment that is recognised wherever it should turn up.
MOMENT = datetime(2026, 6, 15, 3, 47, 31, 654321, tzinfo=UTC)
HOUR = MOMENT.replace(minute=0, second=0, microsecond=0, tzinfo=None)  # as it is stored
ANSWERS = {"access.signage": "4", "comment": "Cảm ơn ông/bà"}
SLIPS = 8


@dataclass(frozen=True)
class Office:
    """``point_id``, ``token``: a counter and its open link; ``slips``: one-time links."""

    point_id: int
    token: str
    slips: tuple[str, ...]


@pytest.fixture
def office(database: Database) -> Office:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        make_account(session)
        slips = tuple(make_one_time_link(session, point) for _ in range(SLIPS))
        return Office(point.id, point.token, slips)


@pytest.fixture
def client(settings: Settings, database: Database) -> FlaskClient:
    app = create_app(settings, database)
    app.testing = True
    return app.test_client()


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MOMENT, tick=False) as traveller:
        yield traveller


# ── the ways in ───────────────────────────────────────────────────────────────────────────────


def by_api(client: FlaskClient, token: str) -> UUID:
    """Send a sheet; its id."""
    identifier = uuid4()
    assert send(client, token, identifier) == 201
    return identifier


def send(client: FlaskClient, token: str, identifier: UUID) -> int:
    body = {"link": token, "answers": ANSWERS, "seconds": 95}
    return client.put(f"/api/v1/responses/{identifier}", json=body).status_code


def by_form(client: FlaskClient, token: str) -> UUID:
    """As a browser does it: the page is opened, then sent under the id that its cookie carries."""
    page = client.get(f"/s/{token}")
    assert page.status_code == 200
    carried = client.get_cookie(COOKIE, path=f"/s/{token}")
    assert carried
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    sent = client.post(f"/s/{token}", data={**hidden, **ANSWERS})
    assert sent.status_code == 303
    return UUID(carried.value)


Way = Callable[[FlaskClient, str], UUID]
WAYS = pytest.mark.parametrize("way", [by_api, by_form])


def is_one_sheet(changes: dict[str, promise.Change], way: str = "") -> None:
    """One answer and its text have come, nothing went, and no other table has changed."""
    sheets = {name: change for name, change in changes.items() if name in promise.SHEETS}
    assert set(sheets) == {"survey_response", "free_text"}, way
    assert all(len(change.came) == 1 and not change.went for change in sheets.values())


@WAYS
def test_a_sheet_through_the_open_link_is_all_that_changes(
    way: Way, client: FlaskClient, database: Database, office: Office
) -> None:
    books = promise.Books(database.engine)
    before = books.read()
    way(client, office.token)
    changes = books.changes(before)
    is_one_sheet(changes)
    assert set(changes) == set(promise.SHEETS)


@WAYS
def test_a_one_time_link_is_noted_apart_and_then_mixed(
    way: Way, client: FlaskClient, database: Database, office: Office
) -> None:
    books = promise.Books(database.engine)
    start = books.read()
    for slip in office.slips:
        before = books.read()
        way(client, slip)
        changes = books.changes(before)
        is_one_sheet(changes)
        assert set(changes) == {*promise.SHEETS, "spent_link"}
        assert len(changes["spent_link"].came) == 1 and not changes["spent_link"].went
    before = books.read()
    with database.transaction() as session:
        assert mix_links(session, all_of_them=False) == SLIPS
    database.empty_log()
    changes = books.changes(before)
    assert set(changes) == {"spent_link", "one_time_link"}
    assert len(changes["one_time_link"].came) == SLIPS > 1, "several at once, away from any sheet"
    # In the end nothing is left but answers and links that were used; no row of both.
    assert set(books.changes(start)) == {*promise.SHEETS, "one_time_link"}


@WAYS
def test_a_sheet_sent_again_changes_nothing(
    way: Way, client: FlaskClient, database: Database, office: Office
) -> None:
    books = promise.Books(database.engine)
    for link in (office.token, office.slips[0]):
        identifier = way(client, link)
        before = books.read()
        assert send(client, link, identifier) == 200
        assert books.changes(before) == {}


def test_a_pile_keyed_by_the_office_names_nobody_and_no_number(
    client: FlaskClient, database: Database, office: Office
) -> None:
    with database.transaction() as session:
        find_survey(session, "KS-2026").second_keying_share = 0
    sign_in(client)
    address = "/admin/surveys/KS-2026/paper"
    lines = ["Mã điểm;Số phiếu;access.signage;comment"]
    lines += [f"{office.token};{number};5;Tốt" for number in (9001, 9002, 9003)]
    books = promise.Books(database.engine)
    before = books.read()
    sent = "\n".join(lines).encode()
    shown = post(client, address, wish="check", file=(io.BytesIO(sent), "phieu.csv"))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
    hidden.pop("csrf_token")
    assert post(client, address, wish="import", **hidden).status_code == 302
    changes = books.changes(before)
    assert set(changes) == {*promise.SHEETS, "audit_entry", "audit_head"}
    assert len(changes["survey_response"].came) == 3
    assert len(changes["audit_entry"].came) == 1, "one line for the pile"
    for table, column, cell in books.words(books.read()):
        assert not re.search(rb"900[123]", cell), f"{table}.{column}"


def test_a_number_stands_beside_the_sheets_until_its_form_is_keyed_again(
    client: FlaskClient, database: Database, office: Office
) -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        survey.second_keying_share, survey.same_clerk_may_repeat = 1.0, True
    sign_in(client)
    address = "/admin/surveys/KS-2026/paper"
    books = promise.Books(database.engine)
    form = {"_number": "9001", "q-access.signage": "5"}
    before = books.read()
    assert post(client, f"{address}/entry/{office.point_id}", **form).status_code == 302
    assert set(books.changes(before)) == {"survey_response", "second_keying"}
    places = {table for table, _, cell in books.words(books.read()) if b"9001" in cell}
    assert places == {"second_keying"}
    assert post(client, f"{address}/second/{office.point_id}", **form).status_code == 302
    assert not [table for table, _, cell in books.words(books.read()) if b"9001" in cell]
    key = key_of(form_id(survey, office_point(database, office), "9001"), is_keyed=True)
    found = [(table, column) for table, column, cell in books.words(books.read()) if key in cell]
    assert found == [("survey_response", "response_key")]


def office_point(database: Database, office: Office) -> CollectionPoint:
    with database.session() as session:
        point = session.get(CollectionPoint, office.point_id)
        assert point
        return point


# ── what can be read from the tables ──────────────────────────────────────────────────────────


@pytest.fixture
def sent(client: FlaskClient, office: Office) -> dict[UUID, str]:
    """Sheets of every way in: id → the link it came through."""
    links = [office.token, *office.slips]
    return {
        (by_form if number % 2 else by_api)(client, link): link for number, link in enumerate(links)
    }


def test_no_time_on_a_sheet_is_finer_than_the_hour(
    database: Database, sent: dict[UUID, str], client: FlaskClient, office: Office
) -> None:
    books = promise.Books(database.engine)
    found = list(books.moments(books.read()))
    assert {moment for *_, moment in found} == {HOUR}
    assert len(found) == len(sent)


def test_no_cell_of_another_table_names_a_sheet(
    database: Database, sent: dict[UUID, str], client: FlaskClient
) -> None:
    """Neither the key of a sheet nor its id nor its receipt stands anywhere else, whole or as the
    beginning of a text; the id and the receipt stand nowhere at all."""
    sign_in(client)
    hide_a_comment(client)
    books = promise.Books(database.engine)
    keys = [stored_key(identifier) for identifier in sent]
    nowhere = [mark for identifier in sent for mark in marks_of(identifier)]
    elsewhere = [mark for key in keys for mark in (key, key.hex()[:8].encode())]
    for table, column, cell in books.words(books.read()):
        forbidden = nowhere if table in promise.SHEETS else [*nowhere, *elsewhere]
        assert not [mark for mark in forbidden if mark in cell], f"{table}.{column}"


def marks_of(identifier: UUID) -> list[bytes]:
    receipt = receipt_code(identifier)
    return [
        identifier.bytes,
        str(identifier).encode(),
        identifier.hex.encode(),
        receipt.encode(),
        receipt.replace("-", "").encode(),
    ]


def hide_a_comment(client: FlaskClient) -> None:
    """A moderator looks at what was written; the audit record says so without naming the sheet."""
    address = "/officer/surveys/KS-2026/units/H01.01/comments"
    key = re.search(r'name="key" value="(\w+)"', client.get(address).text)
    assert key
    fields = {"key": key[1], "question_code": "comment", "wish": "hide"}
    assert post(client, address, **fields).status_code == 302


def test_no_cell_of_a_sheet_names_a_link(
    database: Database, sent: dict[UUID, str], office: Office
) -> None:
    books = promise.Books(database.engine)
    content = books.read()
    links = content["one_time_link"] | content["spent_link"]
    marks = {bytes(cell) for row in links for cell in row if isinstance(cell, bytes | memoryview)}
    marks |= {link.encode() for link in sent.values()}
    assert len(marks) == 2 * SLIPS + 1
    for table, column, cell in books.words(content):
        if table in promise.SHEETS:
            assert not [mark for mark in marks if mark in cell], f"{table}.{column}"


def test_the_file_forgets_which_link_was_spent(
    database: Database, sent: dict[UUID, str], office: Office
) -> None:
    """After mixing, the log is empty and the note of a spent link stands in no free page."""
    path = sqlite_path(database.url) if database.is_sqlite else None
    if path is None:
        pytest.skip("dead rows of PostgreSQL last until they are vacuumed: decision 0006")
    with database.transaction() as session:
        spent = [bytes(one) for one in session.scalars(text("SELECT token_hash FROM spent_link"))]
        point = session.get(CollectionPoint, office.point_id)
        assert point
        unused = hash_token(make_one_time_link(session, point))
    assert len(spent) == SLIPS
    with database.transaction() as session:
        mix_links(session, all_of_them=True)
    database.empty_log()
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0
    data = path.read_bytes()
    assert {data.count(one) for one in spent} == {data.count(unused)}, "a trace of its use is left"


def test_an_error_that_is_logged_tells_no_answer(database: Database, office: Office) -> None:
    """Neither by the values of the statement, nor by what the database says of the failing row."""
    row = {"unit_id": 1, "response_key": b"k" * 16, "question_code": "comment", "is_hidden": None}
    row["text"] = "Cán bộ Lan vòi tiền"
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        session.execute(insert(FreeText), row)
    told = "".join(traceback.format_exception(caught.value))
    assert "is_hidden" in told and "INSERT INTO free_text" in told
    assert "vòi tiền" not in told and "kkkk" not in told and "6b6b" not in told


# ── the schema, on both databases ─────────────────────────────────────────────────────────────


def test_the_schema_is_the_promised_one(database: Database) -> None:
    engine = database.engine
    assert promise.unclassified(engine) == set()
    assert promise.unexplained_columns(engine) == {}
    assert promise.named_by_sheets(engine) <= promise.PLACES | promise.DECISIONS
    assert promise.joinable(engine) == set()
    assert promise.keys_like_a_sheets(engine) == set()


def test_no_counter_numbers_the_sheets(database: Database) -> None:
    """PostgreSQL's sequences count rows in the order of their coming; a sheet has none."""
    if database.is_sqlite:
        pytest.skip("tests/house looks at SQLite's row numbers")
    owned = (
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND (column_default LIKE 'nextval%' OR is_identity = 'YES')"
    )
    with database.engine.connect() as connection:
        numbered = set(connection.execute(text(owned)).scalars())
    assert numbered and not numbered & promise.UNORDERED


def test_the_hour_is_cut_whatever_the_clock_says(
    client: FlaskClient,
    database: Database,
    office: Office,
    moment: time_machine.Traveller,
) -> None:
    books = promise.Books(database.engine)
    for minutes in (0, 12, 13, 72):
        moment.move_to(MOMENT + timedelta(minutes=minutes, microseconds=1), tick=False)
        by_api(client, office.token)
    hours = sorted(found for *_, found in books.moments(books.read()))
    assert hours == [HOUR, HOUR, HOUR + timedelta(hours=1), HOUR + timedelta(hours=1)]
