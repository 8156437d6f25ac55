"""Targets of a survey, and the lists drawn to reach them, frozen by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0008_samples"
down_revision = "0007_spent_links"

REFUSAL = "a draw never changes"
OVERFLOW = "a draw has no place for more dossiers"

#: Of a drawn dossier only the identifier may go, and only when the survey is closed.
SQLITE_TRIGGERS = (
    """
CREATE TRIGGER sample_draw_no_update BEFORE UPDATE ON sample_draw
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER sample_draw_no_delete BEFORE DELETE ON sample_draw
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER sampled_dossier_no_delete BEFORE DELETE ON sampled_dossier
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER sampled_dossier_no_update BEFORE UPDATE ON sampled_dossier
WHEN NOT (
    NEW.identifier IS NULL
    AND NEW.draw_id IS OLD.draw_id
    AND NEW.number IS OLD.number
    AND NEW.stratum IS OLD.stratum
    AND NEW.inclusion_probability IS OLD.inclusion_probability
    AND EXISTS (
        SELECT 1 FROM sample_draw JOIN survey ON survey.id = sample_draw.survey_id
        WHERE sample_draw.id = OLD.draw_id AND survey.status = 'closed'
    )
)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER sampled_dossier_no_more BEFORE INSERT ON sampled_dossier
WHEN NEW.number > (SELECT n FROM sample_draw WHERE id = NEW.draw_id)
BEGIN SELECT RAISE(ABORT, '{overflow}'); END
""",
    # INSERT OR REPLACE deletes the row in its way without asking the triggers above.
    """
CREATE TRIGGER sample_draw_no_replace BEFORE INSERT ON sample_draw
WHEN EXISTS (
    SELECT 1 FROM sample_draw WHERE id = NEW.id
    OR (survey_id = NEW.survey_id AND unit_id = NEW.unit_id AND number = NEW.number)
)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
    """
CREATE TRIGGER sampled_dossier_no_replace BEFORE INSERT ON sampled_dossier
WHEN EXISTS (
    SELECT 1 FROM sampled_dossier WHERE draw_id = NEW.draw_id AND number = NEW.number
)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
""",
)

POSTGRESQL_FUNCTIONS = (
    """
CREATE FUNCTION refuse_draw_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$
""",
    """
CREATE FUNCTION guard_sampled_dossier() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.identifier IS NULL
        AND (NEW.draw_id, NEW.number, NEW.stratum, NEW.inclusion_probability)
            IS NOT DISTINCT FROM (OLD.draw_id, OLD.number, OLD.stratum, OLD.inclusion_probability)
        AND EXISTS (
            SELECT 1 FROM sample_draw JOIN survey ON survey.id = sample_draw.survey_id
            WHERE sample_draw.id = OLD.draw_id AND survey.status = 'closed'
        )
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION '{refusal}';
END $$
""",
    """
CREATE FUNCTION limit_sampled_dossiers() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.number > (SELECT n FROM sample_draw WHERE id = NEW.draw_id) THEN
        RAISE EXCEPTION '{overflow}';
    END IF;
    RETURN NEW;
END $$
""",
)

POSTGRESQL_TRIGGERS = (
    """
CREATE TRIGGER sample_draw_frozen BEFORE UPDATE OR DELETE ON sample_draw
FOR EACH ROW EXECUTE FUNCTION refuse_draw_change()
""",
    """
CREATE TRIGGER sampled_dossier_kept BEFORE DELETE ON sampled_dossier
FOR EACH ROW EXECUTE FUNCTION refuse_draw_change()
""",
    """
CREATE TRIGGER sampled_dossier_frozen BEFORE UPDATE ON sampled_dossier
FOR EACH ROW EXECUTE FUNCTION guard_sampled_dossier()
""",
    """
CREATE TRIGGER sampled_dossier_no_more BEFORE INSERT ON sampled_dossier
FOR EACH ROW EXECUTE FUNCTION limit_sampled_dossiers()
""",
)


def _freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        statements: tuple[str, ...] = SQLITE_TRIGGERS
    else:
        statements = (*POSTGRESQL_FUNCTIONS, *POSTGRESQL_TRIGGERS)
    for statement in statements:
        op.execute(statement.format(refusal=REFUSAL, overflow=OVERFLOW))


def upgrade() -> None:
    # With the check in the column's own line: SQLite cannot add one to a table later.
    op.add_column(
        "survey",
        sa.Column(
            "target_margin",
            sa.Double(),
            sa.CheckConstraint(
                "target_margin > 0 AND target_margin < 1", name="ck_survey_margin_is_proportion"
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "survey",
        sa.Column(
            "response_rate",
            sa.Double(),
            sa.CheckConstraint(
                "response_rate > 0 AND response_rate <= 1",
                name="ck_survey_response_rate_is_proportion",
            ),
            nullable=True,
        ),
    )
    op.create_table(
        "sample_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("allocation", sa.String(length=15), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("response_rate", sa.Double(), nullable=True),
        sa.Column("required", sa.Integer(), nullable=True),
        sa.Column("issued", sa.Integer(), nullable=True),
        sa.Column("ministry", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=False),
        sa.Column("drawn_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "method IN ('simple', 'systematic', 'pps')", name="ck_sample_draw_known_method"
        ),
        sa.CheckConstraint(
            "allocation IN ('none', 'proportional', 'equal')",
            name="ck_sample_draw_known_allocation",
        ),
        sa.CheckConstraint("n >= 1 AND n <= population", name="ck_sample_draw_n_in_population"),
        sa.CheckConstraint("seed >= 0", name="ck_sample_draw_seed_not_negative"),
        sa.CheckConstraint("number = 1 OR reason <> ''", name="ck_sample_draw_redrawn_with_reason"),
        sa.CheckConstraint(
            "(margin IS NULL) = (required IS NULL) AND (margin IS NULL) = (issued IS NULL)"
            " AND (margin IS NULL) = (ministry IS NULL)"
            " AND (margin IS NULL) = (confidence IS NULL)",
            name="ck_sample_draw_target_whole",
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["account.id"], name="fk_sample_draw_drawn_by_account"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id", "unit_id"],
            ["survey_unit.survey_id", "survey_unit.unit_id"],
            name="fk_sample_draw_survey_id_unit_id_survey_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sample_draw"),
        sa.UniqueConstraint(
            "survey_id", "unit_id", "number", name="uq_sample_draw_survey_id_unit_id_number"
        ),
    )
    op.create_table(
        "sampled_dossier",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=True),
        sa.Column("stratum", sa.String(length=200), nullable=False),
        sa.Column("inclusion_probability", sa.Double(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_sampled_dossier_number_from_one"),
        sa.CheckConstraint(
            "inclusion_probability > 0 AND inclusion_probability <= 1",
            name="ck_sampled_dossier_probability_is_proportion",
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["sample_draw.id"], name="fk_sampled_dossier_draw_id_sample_draw"
        ),
        sa.PrimaryKeyConstraint("draw_id", "number", name="pk_sampled_dossier"),
        sa.UniqueConstraint("draw_id", "identifier", name="uq_sampled_dossier_draw_id_identifier"),
    )
    _freeze()


def downgrade() -> None:
    op.drop_table("sampled_dossier")
    op.drop_table("sample_draw")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("refuse_draw_change", "guard_sampled_dossier", "limit_sampled_dossiers"):
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_column("survey", "response_rate")
    op.drop_column("survey", "target_margin")
