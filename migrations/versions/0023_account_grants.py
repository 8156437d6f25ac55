"""Grants: roles of an account in branches of the tree, with dates, in the place of one role."""

import sqlalchemy as sa
from alembic import op

revision = "0023_account_grants"
down_revision = "0022_audit_chain"

ROLES = "role IN ('administrator', 'survey_manager', 'officer', 'clerk', 'leader', 'auditor')"

ACCOUNT = sa.table(
    "account",
    sa.column("id", sa.Integer()),
    sa.column("role", sa.String()),
    sa.column("unit_id", sa.Integer()),
    sa.column("created_at", sa.DateTime()),
)
GRANT = sa.table(
    "account_grant",
    sa.column("account_id", sa.Integer()),
    sa.column("role", sa.String()),
    sa.column("unit_id", sa.Integer()),
    sa.column("valid_from", sa.Date()),
)


def _table() -> sa.Table:
    """The table as SQLite makes it anew; PostgreSQL drops what hangs on a column with it."""
    return sa.Table(
        "account",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("username", name="uq_account_username"),
    )


def upgrade() -> None:
    op.create_table(
        "account_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(ROLES, name="ck_account_grant_known_role"),
        sa.CheckConstraint(
            "role <> 'administrator' OR unit_id IS NULL",
            name="ck_account_grant_administrator_of_every_unit",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_grant_account_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_account_grant_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_grant"),
    )
    op.create_index("ix_account_grant_account_id", "account_grant", ["account_id"])
    bind = op.get_bind()
    for account in bind.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.id)).all():
        # An administrator was one of everything, whatever unit stood beside the name.
        is_officer = account.role == "officer"
        grant = {
            "account_id": account.id,
            "role": account.role,
            "unit_id": account.unit_id if is_officer else None,
            "valid_from": account.created_at.date(),
        }
        bind.execute(GRANT.insert().values(grant))
    with op.batch_alter_table("account", copy_from=_table()) as account:
        account.drop_column("role")
        account.drop_column("unit_id")


def downgrade() -> None:
    """One role each: administrator, or officer of the first branch. Whoever has neither is locked
    out, for the form before knows nothing else that gives no right too many."""
    op.add_column("account", sa.Column("role", sa.String(length=20), nullable=True))
    op.add_column("account", sa.Column("unit_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE account SET role = 'administrator' WHERE id IN (SELECT account_id FROM "
        "account_grant WHERE role = 'administrator' AND valid_until IS NULL)"
    )
    op.execute(
        "UPDATE account SET role = 'officer', unit_id = (SELECT g.unit_id FROM account_grant g "
        "WHERE g.account_id = account.id AND g.role = 'officer' AND g.unit_id IS NOT NULL "
        "AND g.valid_until IS NULL ORDER BY g.id LIMIT 1) WHERE role IS NULL"
    )
    op.execute(
        "UPDATE account SET unit_id = (SELECT MIN(id) FROM administrative_unit), is_active = "
        "(1 = 0) WHERE role = 'officer' AND unit_id IS NULL"
    )
    with op.batch_alter_table("account", copy_from=_table()) as account:
        account.alter_column("role", existing_type=sa.String(length=20), nullable=False)
        account.create_check_constraint(
            op.f("ck_account_officer_has_unit"), "role <> 'officer' OR unit_id IS NOT NULL"
        )
        account.create_check_constraint(
            op.f("ck_account_known_role"), "role IN ('officer', 'administrator')"
        )
        account.create_foreign_key(
            op.f("fk_account_unit_id_administrative_unit"),
            "administrative_unit",
            ["unit_id"],
            ["id"],
        )
    op.drop_table("account_grant")
