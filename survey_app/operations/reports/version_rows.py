"""Rows of sheets of several versions in one file: one column for what goes on, one for each that
does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.interchange.variables import (
    POPULATION,
    VERSION_VARIABLE,
    Missing,
    Names,
    Variable,
    missing_value,
    number_of,
    variables_of,
)
from survey_app.operations.fieldwork.versions import versions_of
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.operations.reports.sheet_rows import Numbers, RowMaker
from survey_app.questionnaire.comparability import Comparability
from survey_app.questionnaire.definition import LocalText
from survey_app.storage.models import QuestionnaireVersion, Survey
from survey_app.storage.queries.dataset import SheetRow


@dataclass(frozen=True)
class _Edition:
    """A version: its maker of rows, and for each of the maker's columns the column of the file."""

    number: int
    maker: RowMaker
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The columns of a survey's file. A survey that never moved has those of its questionnaire."""

    variables: tuple[Variable, ...]
    editions: tuple[_Edition, ...]

    def rows(self, sheets: Sequence[SheetRow]) -> Numbers:
        """One row a sheet. Of several versions each is protected by itself, and one with sheets
        under the minimum base is left out: which version a sheet is of stands in its row."""
        if len(self.editions) == 1:
            return self.editions[0].maker.rows(sheets)
        places = {v.name: place for place, v in enumerate(of_sheets(self.variables))}
        parts = [np.empty((0, len(places)), dtype=np.int64)]
        for edition in self.editions:
            own = [sheet for sheet in sheets if sheet.version_number == edition.number]
            if is_reportable(len(own)):
                parts.append(self._laid_out(edition, edition.maker.rows(own), places))
        return np.concatenate(parts)

    def _laid_out(self, edition: _Edition, rows: Numbers, places: dict[str, int]) -> Numbers:
        by_name = {variable.name: variable for variable in self.variables}
        found = np.full((len(rows), len(places)), int(Missing.OTHER_VERSION), dtype=np.int64)
        found[:, places[VERSION_VARIABLE.name]] = edition.number
        for place, (name, own) in enumerate(
            zip(edition.columns, edition.maker.variables, strict=True)
        ):
            found[:, places[name]] = _renumbered(rows[:, place], own, by_name[name])
        return found

    def versions_kept(self, counts: Mapping[int, int]) -> frozenset[int]:
        """The versions of which a unit's sheets get rows; ``counts``: number → sheets."""
        if len(self.editions) == 1:
            return frozenset(counts)
        known = {edition.number for edition in self.editions}
        return frozenset(n for n, count in counts.items() if n in known and is_reportable(count))

    def leaves_out(self, sheets: Sequence[SheetRow]) -> bool:
        """Whether sheets of a version with too few of them are left out."""
        if len(self.editions) == 1:
            return False
        numbers = [sheet.version_number for sheet in sheets]
        return not all(is_reportable(numbers.count(number)) for number in set(numbers))


def lay_out(session: Session, survey: Survey) -> Layout:
    """The columns of a survey's file, by all versions that it has had."""
    versions = versions_of(session, survey)
    shown = variables_of(load_questionnaire(survey.version))
    if len(versions) == 1:
        return Layout(shown, (_edition(survey.version, of_sheets(shown)),))
    names = Names(variable.name for variable in (*shown, VERSION_VARIABLE))
    editions, others = [], []
    covered = {variable.name: 1 for variable in shown}
    for version in versions[:-1]:
        common = compare_published(session, version, survey.version)
        own = variables_of(load_questionnaire(version))
        columns = []
        for variable in of_sheets(own):
            pooled = _pooled(variable, shown, common)
            if pooled is None:
                pooled = _of_one_version(variable, version.number, names)
                others.append(pooled)
            else:
                covered[pooled.name] += 1
            columns.append(pooled.name)
        editions.append(_edition(version, of_sheets(own), tuple(columns)))
    editions.append(_edition(survey.version, of_sheets(shown)))
    whole = [v if covered[v.name] == len(versions) else _with_gaps(v) for v in shown]
    place = [variable.name for variable in whole].index(POPULATION) + 1
    variables = (*whole[:place], VERSION_VARIABLE, *whole[place:], *others)
    return Layout(variables, tuple(editions))


def _edition(
    version: QuestionnaireVersion,
    variables: tuple[Variable, ...],
    columns: tuple[str, ...] | None = None,
) -> _Edition:
    maker = RowMaker(load_questionnaire(version), load_codebook(version), variables)
    return _Edition(version.number, maker, columns or tuple(v.name for v in variables))


def of_sheets(variables: Sequence[Variable]) -> tuple[Variable, ...]:
    """The variables that differ from sheet to sheet, which come after those of the unit."""
    return tuple(v for v in variables if not v.is_text and v.name != POPULATION)


def _pooled(
    variable: Variable, shown: Sequence[Variable], common: Comparability
) -> Variable | None:
    """The column of the version shown that takes this one's values; None where there is none."""
    question = variable.question
    if question is None:
        return next(v for v in shown if v.name == variable.name)
    if common.questions.get(question.code, "gone") is not None:
        return None
    return next(v for v in shown if v.code == variable.code)


def _of_one_version(variable: Variable, number: int, names: Names) -> Variable:
    question = variable.question
    return _with_gaps(
        replace(
            variable,
            name=names.make(f"{variable.name[:24]}_v{number}"),
            label=LocalText({c: f"{t} [v{number}]" for c, t in variable.label.texts.items()}),
            # Conditions speak of the questions of their own version.
            question=replace(question, ask_when=()) if question else None,
        )
    )


def _with_gaps(variable: Variable) -> Variable:
    if variable.question is None:
        return variable
    return replace(variable, values=(*variable.values, missing_value(Missing.OTHER_VERSION)))


def _renumbered(column: Numbers, own: Variable, shown: Variable) -> Numbers:
    """The numbers of one version's answers as those of the version shown, by their codes."""
    if own.question is None or shown.question is None:
        return column
    before, after = number_of(own.question.choices), number_of(shown.question.choices)
    if own.option is not None or before == after:
        return column
    found = column.copy()
    for code, number in before.items():
        found[column == number] = after[code]
    return found
