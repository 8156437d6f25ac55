"""INSERT OR REPLACE passed by the triggers that freeze published questionnaires (SQLite only)."""

from alembic import op

revision = "0010_no_replaced_versions"
down_revision = "0009_kept_analyses"

TRIGGER = """
CREATE TRIGGER questionnaire_version_no_replace BEFORE INSERT ON questionnaire_version
WHEN EXISTS (
    SELECT 1 FROM questionnaire_version WHERE id = NEW.id
    OR (code = NEW.code AND (number = NEW.number OR fingerprint = NEW.fingerprint))
)
BEGIN SELECT RAISE(ABORT, 'a published questionnaire version never changes'); END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER questionnaire_version_no_replace")
