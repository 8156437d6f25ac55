"""The line of a questionnaire's versions: what of one can be compared with another."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.comparability import Comparability, Edition, compare_editions
from survey_app.questionnaire.declarations import Matter, find_matters, load_declarations
from survey_app.questionnaire.definition import Questionnaire
from survey_app.storage.models import QuestionnaireVersion
from survey_app.storage.queries.questionnaires import versions_between

MOST_KEPT = 256


def compare_published(
    session: Session, earlier: QuestionnaireVersion, later: QuestionnaireVersion
) -> Comparability:
    """What of ``later`` can be compared with ``earlier``, a version of the same questionnaire, by
    what was declared when each version between them was published."""
    path = _path(session, earlier, later)
    key = tuple((version.number, version.fingerprint, version.declared) for version in path)
    found = _kept.get(key)
    if found is None:
        found = compare_editions([_edition(version) for version in path])
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = found
    return found


def _path(
    session: Session, earlier: QuestionnaireVersion, later: QuestionnaireVersion
) -> Sequence[QuestionnaireVersion]:
    """Both versions and all between, from the earlier survey's to the later's."""
    if earlier.number == later.number:
        return [later]
    first, last = sorted((earlier.number, later.number))
    path = versions_between(session, later.code, first, last)
    return path[::-1] if earlier.number > later.number else path


@dataclass(frozen=True)
class Step:
    """From one version to the next: both documents, and the edits between them."""

    earlier: Questionnaire
    later: Questionnaire
    matters: tuple[Matter, ...]


def edits_of(session: Session, version: QuestionnaireVersion) -> Step | None:
    """What made a version from the one before it; None for a first version."""
    path = versions_between(session, version.code, version.number - 1, version.number)
    if len(path) < 2:
        return None
    earlier, later = map(load_questionnaire, path)
    return Step(earlier, later, find_matters(earlier, later))


def _edition(version: QuestionnaireVersion) -> Edition:
    declared = load_declarations(version.declared)
    return Edition(version.number, load_questionnaire(version), declared)


#: What was compared before: a version never changes, and a batch asks for every unit.
_kept: dict[tuple[tuple[int, str, str], ...], Comparability] = {}
