"""Reorganisations of units, and what units were before them."""

import sqlalchemy as sa
from alembic import op

revision = "0019_unit_events"
down_revision = "0018_questionnaire_drafts"


def upgrade() -> None:
    op.create_table(
        "unit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'move', 'abolish')",
            name="ck_unit_event_known_kind",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unit_event"),
    )
    op.create_index("ix_unit_event_happened_on", "unit_event", ["happened_on"])
    op.create_table(
        "unit_event_member",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=6), nullable=False),
        sa.CheckConstraint("role IN ('before', 'after')", name="ck_unit_event_member_known_role"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["unit_event.id"], name="fk_unit_event_member_event_id_unit_event"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_unit_event_member_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("event_id", "unit_id", "role", name="pk_unit_event_member"),
    )
    op.create_index("ix_unit_event_member_unit_id", "unit_event_member", ["unit_id"])
    op.create_table(
        "unit_state",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("agency_name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(length=600), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_unit_state_unit_id_administrative_unit",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["unit_event.id"], name="fk_unit_state_event_id_unit_event"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["administrative_unit.id"],
            name="fk_unit_state_parent_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("unit_id", "until", name="pk_unit_state"),
    )
    op.create_index("ix_unit_state_event_id", "unit_state", ["event_id"])
    op.add_column(
        "unit_succession",
        sa.Column("is_part", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # In one statement, which SQLite can do without making the table again.
    op.execute(
        "ALTER TABLE unit_succession ADD COLUMN event_id INTEGER "
        "CONSTRAINT fk_unit_succession_event_id_unit_event REFERENCES unit_event (id)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE unit_succession DROP COLUMN event_id")
    op.execute("ALTER TABLE unit_succession DROP COLUMN is_part")
    op.drop_table("unit_state")
    op.drop_table("unit_event_member")
    op.drop_table("unit_event")
