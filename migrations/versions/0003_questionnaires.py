"""Published questionnaire versions, frozen by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0003_questionnaires"
down_revision = "0002_accounts"

REFUSAL = "a published questionnaire version never changes"

SQLITE_TRIGGER = """
CREATE TRIGGER questionnaire_version_no_{verb} BEFORE {verb} ON questionnaire_version
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER questionnaire_version_frozen BEFORE UPDATE OR DELETE ON questionnaire_version
FOR EACH ROW EXECUTE FUNCTION refuse_version_change()
"""


def _freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(verb=verb, refusal=REFUSAL))
    else:
        op.execute(POSTGRESQL_FUNCTION.format(refusal=REFUSAL))
        op.execute(POSTGRESQL_TRIGGER)


def upgrade() -> None:
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("codebook", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name="fk_questionnaire_version_published_by_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_version"),
        sa.UniqueConstraint(
            "code", "fingerprint", name="uq_questionnaire_version_code_fingerprint"
        ),
        sa.UniqueConstraint("code", "number", name="uq_questionnaire_version_code_number"),
    )
    _freeze()


def downgrade() -> None:
    op.drop_table("questionnaire_version")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_version_change()")
