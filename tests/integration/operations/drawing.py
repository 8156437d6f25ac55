"""What the tests of samples share: lists of dossiers, draws, and attempts to change a draw."""

from datetime import date

from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.dossier_list import read_dossiers
from survey_app.operations.samples.draws import make_draw
from survey_app.operations.samples.planning import SampleWish, plan_draw
from survey_app.sampling.frame import Frame
from survey_app.storage.models import AdministrativeUnit, SampleDraw, Survey
from tests.factories import NOW

DAY = date(2026, 6, 1)
FIELDS = ("Đất đai", "Hộ tịch", "Xây dựng")


def listed(count: int, *, fields: bool = True, sizes: bool = False) -> Frame:
    """A list of so many dossiers: a third, half and a sixth of them in three fields."""
    lines = ["Mã hồ sơ;Lĩnh vực;Quy mô"]
    for number in range(count):
        field = FIELDS[(number * 6 // count + 1) // 3] if fields else ""
        size = str(1 + number % 7) if sizes else ""
        lines.append(f"HS-{number:04d};{field};{size}")
    return read_dossiers("\n".join(lines).encode(), "danh-sach.csv", as_of=DAY)


def draw(
    session: Session, survey: Survey, unit: AdministrativeUnit, frame: Frame, **wish: object
) -> SampleDraw:
    plan = plan_draw(survey, frame, SampleWish(**wish))  # type: ignore[arg-type]
    return make_draw(session, survey, unit.id, plan, now=NOW)


#: What the triggers of both databases refuse, for the draw 1 of ten dossiers.
CHANGES = (
    "UPDATE sample_draw SET seed = 1",
    "UPDATE sample_draw SET reason = 'khác'",
    "DELETE FROM sample_draw",
    "DELETE FROM sampled_dossier",
    "UPDATE sampled_dossier SET identifier = 'HS-9999' WHERE number = 1",
    "UPDATE sampled_dossier SET inclusion_probability = 0.5",
    "UPDATE sampled_dossier SET identifier = NULL, stratum = 'khác'",
    "INSERT INTO sampled_dossier VALUES (1, 11, 'HS-9999', '', 0.1)",
)

#: The same by SQLite's own verb, which deletes without saying so.
REPLACEMENTS = (
    "INSERT OR REPLACE INTO sample_draw SELECT * FROM sample_draw",
    "INSERT OR REPLACE INTO sampled_dossier SELECT draw_id, number, 'HS-9999', stratum, "
    "inclusion_probability FROM sampled_dossier",
)
