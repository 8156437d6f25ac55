"""On PostgreSQL the published versions cannot be emptied out either, not even by a cascade."""

from alembic import op

revision = "0034_versions_stay"
down_revision = "0033_identities"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER questionnaire_version_stays BEFORE TRUNCATE ON questionnaire_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_version_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER questionnaire_version_stays ON questionnaire_version")
