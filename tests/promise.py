"""The promise of docs/privacy.md in a form that can be checked against a real database.

Every table has a class. A new one belongs to none until somebody has thought about what it could
tell of an answer sheet, and says so here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, MetaData, inspect, select
from sqlalchemy.engine import Inspector
from sqlalchemy.types import DateTime, LargeBinary, Text

#: What a row of an answer may hold, and why each column must be there. A table stands here when
#: it says something about one single sheet.
SHEETS: Mapping[str, Mapping[str, str]] = {
    "survey_response": {
        "unit_id": "which unit the answers are about",
        "response_key": "digest of an id made at random by the client; tells no time and no order",
        "survey_id": "which survey the answers belong to",
        "collection_point_id": "the counter or poster: a place where many answer",
        "mode": "how sheets were collected there",
        "language": "the language of the questions",
        "received_hour": "cut to the whole hour",
        "seconds": "how long answering took; not when",
        "answers": "the answers themselves",
        "version_number": "of which version the answers are; versions change on the full hour only",
        "is_partial": "left alone on a device after the main rating",
        "flags": "why the sheet is worth a second look; made from what is kept, or for whole hours",
        "review_id": "what was decided on this sheet and at least four others together",
        "release_group": "which data files it was in, together with at least four others",
    },
    "free_text": {
        "unit_id": "part of the sheet's key",
        "response_key": "part of the sheet's key",
        "question_code": "which question was answered in words",
        "text": "the citizen's own words",
        "is_hidden": "kept off reports by a moderator",
    },
}
#: What is asked and where: many sheets share each row. The only rows that a sheet may name.
PLACES = frozenset({"administrative_unit", "survey", "collection_point"})
#: What staff decided on at least so many sheets at once: the one other row that sheets name. From
#: there the way leads to the account that decided, never to what came in with a single sheet.
DECISIONS = frozenset({"review"})
FEWEST_DECIDED_ON = 5
#: More of what is asked and where, which no sheet names.
FRAME = frozenset(
    {
        "alembic_version",
        "dossier_count",
        "public_service",
        "contact_offer",
        "dataset_release",
        "questionnaire_version",
        "recording",
        "survey_unit",
        "unit_event",
        "unit_event_member",
        "unit_state",
        "unit_succession",
        "version_closing",
    }
)
#: One row for one slip, one device, one program: what must never be joined with a sheet.
TRACES = frozenset(
    {
        "api_key",
        "contact_request",
        "device",
        "invitation_request",
        "one_time_link",
        "slip_list",
        "spent_link",
    }
)
#: What the staff do: sign-ins with their times, the audit record, lists they drew, jobs, results.
OFFICE = frozenset(
    {
        "account",
        "account_grant",
        "account_identity",
        "recovery_code",
        "required_second_step",
        "second_step",
        "audit_entry",
        "audit_head",
        "kept_analysis",
        "publication_proposal",
        "publishing_rule",
        "questionnaire_draft",
        "questionnaire_draft_state",
        "questionnaire_draft_attempt",
        "report_job",
        "sample_draw",
        "sampled_dossier",
        "second_keying",
        "sign_in",
        "spent_logout",
        "survey_event",
        "survey_move",
        "waiting_identity",
    }
)
#: What an account holds, and what becomes of it when its name is erased. A new column is kept
#: until somebody says here what it tells of a person.
ACCOUNT: Mapping[str, str] = {
    "id": "kept: what the audit record and everything else names",
    "username": "the number takes its place",
    "display_name": "the number takes its place",
    "password_hash": "emptied",
    "password_given_at": "emptied",
    "is_active": "kept: false",
    "failed_attempts": "emptied",
    "locked_until": "emptied",
    "created_at": "kept",
    "inactive_since": "kept",
    "erased_on": "kept",
}
#: Tables whose rows may not lie in the order in which they came.
UNORDERED = frozenset(SHEETS) | {
    "contact_request",
    "one_time_link",
    "second_keying",
    "slip_list",
    "spent_link",
}

Row = tuple[Any, ...]
#: Table → the rows in it.
Content = dict[str, set[Row]]


def unclassified(engine: Engine) -> set[str]:
    """Tables of the database that nobody has classified, and classes of tables that are gone."""
    known = set(SHEETS) | PLACES | DECISIONS | FRAME | TRACES | OFFICE
    return known ^ set(inspect(engine).get_table_names())


def unexplained_columns(engine: Engine) -> dict[str, set[str]]:
    """Columns of the sheets' tables that have no reason, and reasons of columns that are gone."""
    found = inspect(engine)
    different = {
        table: set(reasons) ^ {column["name"] for column in found.get_columns(table)}
        for table, reasons in SHEETS.items()
    }
    return {table: columns for table, columns in different.items() if columns}


def joinable(engine: Engine) -> set[str]:
    """Tables that foreign keys, read in either direction, join with a sheet without passing
    through a place or a decision on several sheets. Only the sheets' own tables may be."""
    neighbours = _neighbours(inspect(engine))
    reached, ahead = set(SHEETS), list(SHEETS)
    while ahead:
        for table in neighbours[ahead.pop()] - PLACES - DECISIONS - reached:
            reached.add(table)
            ahead.append(table)
    return reached - set(SHEETS)


def named_by_sheets(engine: Engine) -> set[str]:
    """Tables outside the sheets' own to which a sheet has a foreign key."""
    found = inspect(engine)
    targets = {key["referred_table"] for table in SHEETS for key in found.get_foreign_keys(table)}
    return targets - set(SHEETS)


def keys_like_a_sheets(engine: Engine) -> set[tuple[str, str]]:
    """(table, column) outside the sheets' tables that bear the name of a sheet's key."""
    found = inspect(engine)
    return {
        (table, column["name"])
        for table in set(found.get_table_names()) - set(SHEETS)
        for column in found.get_columns(table)
        if "response" in column["name"] and column["name"] != "response_rate"
    }


def _neighbours(found: Inspector) -> dict[str, set[str]]:
    neighbours: dict[str, set[str]] = {table: set() for table in found.get_table_names()}
    for table in neighbours:
        for key in found.get_foreign_keys(table):
            neighbours[table].add(key["referred_table"])
            neighbours[key["referred_table"]].add(table)
    return neighbours


# ── What a sheet changes ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Change:
    """Rows of one table that came, and rows that went (a changed row does both)."""

    came: set[Row]
    went: set[Row]


class Books:
    """Every table of a database, read as it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.metadata = MetaData()
        self.metadata.reflect(engine)

    def read(self) -> Content:
        with self._engine.connect() as connection:
            return {
                name: {tuple(row) for row in connection.execute(select(table))}
                for name, table in self.metadata.tables.items()
            }

    def changes(self, before: Content) -> dict[str, Change]:
        """What is different since ``before``, by table."""
        after = self.read()
        both = {
            name: Change(after[name] - before[name], before[name] - after[name]) for name in after
        }
        return {name: change for name, change in both.items() if change.came or change.went}

    def moments(self, content: Content) -> Iterator[tuple[str, str, datetime]]:
        """(table, column, moment) of every moment in the sheets' tables."""
        for table in SHEETS:
            for place, column in enumerate(self.metadata.tables[table].columns):
                if isinstance(column.type, DateTime):
                    for row in content[table]:
                        if row[place] is not None:
                            yield table, column.name, row[place]

    def words(self, content: Content) -> Iterator[tuple[str, str, bytes]]:
        """(table, column, cell as bytes) of every text and every digest."""
        for name, table in self.metadata.tables.items():
            for place, column in enumerate(table.columns):
                if isinstance(column.type, Text | LargeBinary) or column.type.python_type is str:
                    for row in content[name]:
                        cell = row[place]
                        if cell is not None:
                            yield (
                                name,
                                column.name,
                                (cell.encode() if isinstance(cell, str) else bytes(cell)),
                            )
