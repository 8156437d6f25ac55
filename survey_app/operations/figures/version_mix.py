"""The versions behind the figures of a survey that moved to a later one."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.operations.fieldwork.moves import moves_made
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.figures.periods import broken_criteria
from survey_app.operations.figures.unit_sample import UnitSample
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.reporting.origins import VersionMix, VersionPart
from survey_app.storage.models import Survey


def describe_versions(
    session: Session, survey: Survey, samples: Collection[UnitSample] = ()
) -> VersionMix | None:
    """The versions of a survey, with the sheets of each in ``samples``; None where it never moved.
    Where a version has a few sheets no count is given: it would tell theirs."""
    moves = moves_made(session, survey)
    if not moves:
        return None
    shown = survey.version
    numbers = [*(move.former_number for move in moves), shown.number]
    sheets = {n: sum(int((s.versions == n).sum()) for s in samples) for n in numbers}
    tells = all(n == 0 or is_reportable(n) for n in sheets.values()) and any(sheets.values())
    parts = []
    for move in moves:
        former = version_numbered(session, survey, move.former_number)
        common = compare_published(session, former, shown)
        broken = broken_criteria(common, load_questionnaire(shown))
        n = sheets[former.number] if tells else None
        parts.append(VersionPart(former.number, move.starts_at, n, common.index, broken))
    return VersionMix(shown.number, sheets[shown.number] if tells else None, tuple(parts))
