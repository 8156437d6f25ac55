"""What the publisher of a questionnaire version declared about its edits, frozen with it."""

import sqlalchemy as sa
from alembic import op

revision = "0020_declarations"
down_revision = "0019_unit_events"


def upgrade() -> None:
    # The triggers that freeze versions refuse any other row change; a new column changes none.
    op.add_column(
        "questionnaire_version",
        sa.Column("declared", sa.Text(), nullable=False, server_default="{}"),
    )


def downgrade() -> None:
    op.drop_column("questionnaire_version", "declared")
