"""The audit record becomes a chain: numbers without gaps, hashes, and triggers that refuse changes.

The entries there are get numbers in the order of their ids. Accounts named by their user name as
the subject of an entry are named by their number from here on, so that names can be erased.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022_audit_chain"
down_revision = "0021_publication_proposals"

REFUSAL = "the audit record never changes"
NO_HASH = "0" * 64
ROWS_AT_ONCE = 2000
#: What the first part of an action is about, where the two differ.
KINDS = {
    "api_key": "key",
    "comment": "survey",
    "file": "file",
    "kiosk": "survey",
    "links": "survey",
    "paper": "survey",
    "point": "survey",
    "report": "report",
    "sample": "survey",
    "sheets": "survey",
    "sign_in": "",
    "sign_out": "",
    "units": "unit",
}

SQLITE_TRIGGERS = (
    """
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    # INSERT OR REPLACE deletes the row in its way without asking the triggers above.
    """
CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN NEW.number <= OLD.number
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
)

POSTGRESQL = (
    """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$
""",
    """
CREATE TRIGGER audit_entry_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
""",
    """
CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
""",
    """
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
FOR EACH ROW WHEN (NEW.number <= OLD.number) EXECUTE FUNCTION refuse_audit_change()
""",
)

OLD = sa.table(
    "audit_before",
    sa.column("id", sa.Integer),
    sa.column("happened_at", sa.DateTime),
    sa.column("account_id", sa.Integer),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("detail", sa.Text),
)


def upgrade() -> None:
    _put_aside("SELECT id, happened_at, account_id, action, subject, detail FROM audit_entry")
    entry = op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_audit_entry_account_id_account"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_audit_entry"),
    )
    for columns in (["happened_at"], ["account_id", "number"], ["action", "number"]):
        op.create_index(f"ix_audit_entry_{'_'.join(columns)}", "audit_entry", columns)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_audit_head_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    number, mark = 0, NO_HASH
    for rows in _pages():
        sealed = []
        for row in rows:
            number += 1
            values = _values(row)
            mark = _seal(values, number, mark)
            sealed.append({**values, "number": number, "hash": mark})
        op.bulk_insert(entry, sealed)
    op.bulk_insert(head, [{"id": 1, "number": number, "hash": mark}])
    op.execute("DROP TABLE audit_before")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if is_sqlite else POSTGRESQL:
        op.execute(statement.format(refusal=REFUSAL))


def _put_aside(query: str) -> None:
    """Keep the rows of the record in a table of their own, so that it can be made anew."""
    op.execute(f"CREATE TEMPORARY TABLE audit_before AS {query}")
    op.execute("CREATE INDEX ix_audit_before ON audit_before (id)")
    op.drop_table("audit_entry")


def _pages() -> Iterator[list[Any]]:
    """The rows put aside, the first first."""
    after = -1
    query = sa.select(OLD).order_by(OLD.c.id).limit(ROWS_AT_ONCE)
    while rows := list(op.get_bind().execute(query.where(OLD.c.id > after)).mappings()):
        yield rows
        after = rows[-1]["id"]


def _values(row: Any) -> dict[str, Any]:
    opening = row["action"].partition(".")[0]
    subject = row["subject"]
    if opening == "account":
        found = op.get_bind().execute(
            sa.text("SELECT id FROM account WHERE username = :name"), {"name": subject}
        )
        subject = str(found.scalar() or subject)
    detail = {"note": row["detail"]} if row["detail"] else {}
    return {
        "happened_at": row["happened_at"],
        "account_id": row["account_id"],
        "action": row["action"],
        "subject_kind": KINDS.get(opening, opening),
        "subject": subject,
        "detail": _canonical(detail),
    }


def _seal(values: dict[str, Any], number: int, previous: str) -> str:
    """As the application seals its entries; this copy never changes."""
    sealed = {
        "account": values["account_id"],
        "action": values["action"],
        "at": f"{values['happened_at']:%Y-%m-%dT%H:%M:%S.%f}Z",
        "detail": values["detail"],
        "number": number,
        "previous": previous,
        "subject": values["subject"],
        "subject_kind": values["subject_kind"],
    }
    return hashlib.sha256(_canonical(sealed).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def downgrade() -> None:
    _put_aside(
        "SELECT number AS id, happened_at, account_id, action, subject, detail FROM audit_entry"
    )
    op.drop_table("audit_head")
    entry = op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_audit_entry_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_happened_at", "audit_entry", ["happened_at"])
    for rows in _pages():
        op.bulk_insert(entry, [dict(row) for row in rows])
    op.execute("DROP TABLE audit_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('audit_entry_id_seq', (SELECT max(id) + 1 FROM audit_entry))")
        op.execute("DROP FUNCTION refuse_audit_change()")
