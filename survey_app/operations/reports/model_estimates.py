"""Model estimates: units with few answers borrow strength from their block, on request only.

These figures go into no report, no standings and no paper; they are shown on a page of their own,
labelled as what they are.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.estimation.intervals.bounds import z_quantile
from survey_app.estimation.small_area import (
    ENOUGH_ANSWERS,
    FayHerriot,
    SmallAreaEstimate,
    fay_herriot,
    smoothed_variances,
)
from survey_app.operations.figures.blocks import BLOCKS, members_by_block
from survey_app.operations.figures.overview import UnitLine, overview
from survey_app.operations.figures.unit_sample import CONFIDENCE, usable_population
from survey_app.operations.figures.version_mix import describe_versions
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import Document, Format, render_document
from survey_app.reporting.results.model_estimates import (
    ModelBlock,
    ModelLine,
    NoModel,
    compose_model_estimates,
)
from survey_app.reporting.results.model_estimates import ModelEstimates as ModelEstimates
from survey_app.storage.models import Survey

#: Of fewer units the variance between them is a guess.
MINIMUM_UNITS = 6
#: What the estimates can be taken away as: never as an official paper.
FORMATS = frozenset({Format.XLSX, Format.JSON})


def survey_model_estimates(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    *,
    block: str = "",
    scope: str,
    today: date,
    lineage: Lineage | None = None,
) -> ModelEstimates:
    """The model estimates of one block of the units in ``unit_ids`` (or all).

    ``block``: a code of ``operations.figures.blocks.BLOCKS``, or "" for the first there is.
    ``scope``: whose units these are, for people. ``lineage``: by the boundaries of today; None: by
    those of the survey. Nothing outside ``unit_ids``, and what went into them, is read. Raises
    NotFound for a block without a unit in scope.
    """
    members = members_by_block(session, survey, unit_ids, lineage)
    choices = tuple((code, BLOCKS[code][0]) for code in members)
    chosen = block or next(iter(members), "")
    if chosen and chosen not in members:
        raise NotFound("Không có khối đơn vị này trong phạm vi của ông/bà.")
    lines = overview(session, survey, members[chosen], lineage=lineage) if chosen else ()
    return ModelEstimates(
        survey=describe_survey(survey, today),
        questionnaire=load_questionnaire(survey.version),
        scope=scope if lineage is None else f"{scope}; theo địa giới hiện nay",
        data_until=min(today, survey.ends_on),
        block=model_block(chosen, lines) if chosen else None,
        choices=choices,
        enough=ENOUGH_ANSWERS,
        minimum_units=MINIMUM_UNITS,
        confidence=CONFIDENCE,
        versions=describe_versions(session, survey),
    )


def render_model_estimates(found: ModelEstimates, form: Format, *, dated: date) -> Document:
    """The estimates as a file; raises NotFound for a form they cannot be had in."""
    if form not in FORMATS:
        raise NotFound("Ước lượng mô hình chỉ có ở dạng Excel và JSON.")
    return render_document(compose_model_estimates(found, dated=dated), form)


def model_block(code: str, lines: Sequence[UnitLine]) -> ModelBlock:
    """Fit the model to one block.

    A unit whose index is withheld takes no part in the fit. If it did, its index could be had
    back from what is shown: from the model estimate, γ and the synthetic value at once, and γ
    itself from those of the others. Outside the fit all that is said of it is what is said of
    every unit nobody has asked: the synthetic value.
    """
    empty = ModelBlock(code, BLOCKS[code][0], (), 0)
    few = [line for line in lines if not _speaks_for_itself(line)]
    able = [line for line in lines if _can_be_fitted(line)]
    if not few:
        return replace(empty, why=NoModel.NOBODY_NEEDS_IT)
    if len(able) < MINIMUM_UNITS:
        return replace(empty, able=len(able), why=NoModel.TOO_FEW_UNITS)
    variances = smoothed_variances(
        [(line.index.standard_error or 0.0) ** 2 for line in able],
        [line.index.n for line in able],
        populations=[_population(line) for line in able],
    )
    if not (variances > 0).all():
        return replace(empty, able=len(able), why=NoModel.NO_SPREAD)
    fitted = fay_herriot([line.index.value or 0.0 for line in able], variances)
    areas = {line.unit.id: area for line, area in zip(able, fitted.areas, strict=True)}
    return replace(
        empty,
        lines=tuple(_line(line, areas.get(line.unit.id), fitted) for line in few),
        able=len(able),
        spread=math.sqrt(fitted.model_variance),
    )


def _speaks_for_itself(line: UnitLine) -> bool:
    return line.index.value is not None and line.index.n >= ENOUGH_ANSWERS


def _can_be_fitted(line: UnitLine) -> bool:
    """Whether a unit's index may be used, and has a sampling error."""
    index = line.index
    return index.value is not None and is_reportable(index.n) and not _is_census(line)


def _is_census(line: UnitLine) -> bool:
    return line.index.is_census or line.index.n >= _population(line)


def _population(line: UnitLine) -> float:
    """The dossiers, infinitely many where they are not known."""
    known = usable_population(line.population, line.n)
    return math.inf if known is None else float(known)


def _line(line: UnitLine, area: SmallAreaEstimate | None, fitted: FayHerriot) -> ModelLine:
    synthetic = float(fitted.coefficients[0])
    n = line.index.n if line.index.n == 0 or is_reportable(line.index.n) else None
    found = ModelLine(
        code=line.unit.code,
        name=line.unit.name,
        n=n,
        direct=line.index,
        synthetic=synthetic,
        model=None,
        model_error=None,
        gamma=None,
        low=None,
        high=None,
    )
    if area is not None:
        return _with_model(found, area.model, area.model_error, area.gamma)
    if line.index.value is not None:  # a census
        return found
    # What the regression says of a unit that was not asked: g1 of no data, and the error of β.
    error = math.sqrt(fitted.model_variance + float(fitted.coefficient_covariance[0, 0]))
    return _with_model(found, synthetic, error, 0.0)


def _with_model(line: ModelLine, model: float, error: float, gamma: float) -> ModelLine:
    reach = z_quantile(CONFIDENCE) * error
    return replace(
        line,
        model=model,
        model_error=error,
        gamma=gamma,
        low=max(0.0, model - reach),
        high=min(1.0, model + reach),
    )
