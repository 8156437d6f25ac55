"""Blocks: units that do like work, and how one of them stands among its like."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.estimation.estimate import Estimate
from survey_app.estimation.simple_sample.stabilised import stabilised_index_error
from survey_app.operations.figures.overview import Indices, UnitLine, overview
from survey_app.operations.figures.places import survey_places
from survey_app.operations.figures.unit_sample import CONFIDENCE, usable_population
from survey_app.operations.organisation.lineage import Lineage
from survey_app.ranking.block import block_mean, differences_from_mean
from survey_app.ranking.pairs import make_units
from survey_app.ranking.rank_sets import marginal_rank_set
from survey_app.reporting.figures.several_units import BlockStanding, Verdict
from survey_app.reporting.results.standings import BlockMethod
from survey_app.storage.models import AdministrativeUnit, Survey

#: Fewer sheets give an index, but no rank: the set would hold nearly every place.
MINIMUM_SHEETS = 30
#: Of fewer units a mean would give away what another unit's officers alone should see.
MINIMUM_UNITS = 3
#: Kinds of units that do like work, by the block's code: (name, kinds).
BLOCKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "provinces": ("Tỉnh, thành phố", frozenset({"province", "city"})),
    "departments": ("Sở, ban, ngành", frozenset({"department"})),
    # No kind tells these two apart: administrators say which department is in which.
    "departments-with-services": ("Sở, ban, ngành có thủ tục hành chính", frozenset()),
    "departments-without-services": ("Sở, ban, ngành không có thủ tục hành chính", frozenset()),
    "communes": ("Xã, phường, đặc khu", frozenset({"commune", "ward", "special_zone"})),
    "centres": ("Bộ phận Một cửa", frozenset({"service_centre"})),
    "divisions": ("Phòng chuyên môn", frozenset({"division"})),
    "offices": ("Văn phòng, chi nhánh", frozenset({"office"})),
    "vertical-agencies": ("Cơ quan ngành dọc", frozenset({"vertical_agency"})),
}


def members_by_block(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    lineage: Lineage | None = None,
) -> dict[str, list[int]]:
    """The ids of the places of a survey in ``unit_ids`` (or all) by block, blocks in their own
    order; none is empty. ``lineage``: by the boundaries of today."""
    units = [place.unit for place in survey_places(session, survey, unit_ids, lineage)]
    found = {
        code: [unit.id for unit in units if _is_in(unit, code, kinds)]
        for code, (_, kinds) in BLOCKS.items()
    }
    return {code: members for code, members in found.items() if members}


def _is_in(unit: AdministrativeUnit, code: str, kinds: Collection[str]) -> bool:
    """By what an administrator chose, else by the kind."""
    return unit.block == code if unit.block in BLOCKS else unit.kind in kinds


def unit_standing(
    session: Session,
    survey: Survey,
    unit_id: int,
    indices: Indices,
    lineage: Lineage | None = None,
) -> BlockStanding | None:
    """How a unit stands in its block in this survey; None where it, or the block, has too few.

    The mean is of the whole block, whoever looks; other units are not named.
    """
    blocks = members_by_block(session, survey, None, lineage)
    block = next((code for code, members in blocks.items() if unit_id in members), None)
    if block is None:
        return None
    members = blocks[block]
    found = overview(session, survey, members, indices, lineage)
    lines = [line for line in found if is_comparable(line)]
    place = next((at for at, line in enumerate(lines) if line.unit.id == unit_id), None)
    if place is None or len(lines) < MINIMUM_UNITS:
        return None
    values, errors = [value_of(line) for line in lines], [error_of(line) for line in lines]
    against = differences_from_mean(values, errors, weights_of(lines))
    units = make_units(values, standard_errors=errors)
    return BlockStanding(
        block=BLOCKS[block][0],
        units=len(lines),
        minimum=MINIMUM_SHEETS,
        mean=mean_of(lines, CONFIDENCE),
        difference=float(against.values[place]),
        p_value=float(against.p_values[place]),
        verdict=verdict_of(float(against.values[place]), float(against.p_values[place])),
        ranks=marginal_rank_set(units, place, confidence=CONFIDENCE),
    )


def is_comparable(line: UnitLine, minimum: int = MINIMUM_SHEETS) -> bool:
    """Whether a unit has an index on sheets enough to be compared."""
    # The n of the index: a sheet that answers no criterion says nothing about the place.
    return line.index.value is not None and is_reportable(line.index.n, minimum=minimum)


def verdict_of(difference: float, p_value: float, *, confidence: float = CONFIDENCE) -> Verdict:
    """Above or below only where chance is no explanation."""
    if p_value > 1 - confidence:
        return Verdict.UNCLEAR
    return Verdict.ABOVE if difference > 0 else Verdict.BELOW


def value_of(line: UnitLine) -> float:
    """The index of a comparable unit, a proportion. Raises ValueError for one without."""
    if line.index.value is None:
        raise ValueError("only units with an index are compared")
    return line.index.value


def error_of(line: UnitLine) -> float:
    """The stabilised standard error that a unit is compared with, without finite population."""
    index = line.unlimited
    # Sheets that weigh differently tell less than their number: so do the few that are added.
    n = index.n if line.effective_n is None else min(line.effective_n, index.n)
    return stabilised_index_error(value_of(line), index.standard_error or 0.0, n)


def mean_of(lines: Sequence[UnitLine], confidence: float) -> Estimate:
    """The mean of comparable units."""
    indices, errors = [line.unlimited for line in lines], [error_of(line) for line in lines]
    return block_mean(indices, errors, weights_of(lines), confidence=confidence)


def mean_method(lines: Sequence[UnitLine]) -> BlockMethod:
    """By dossiers only if all are known: a guess for one would move the mean of all."""
    known = all(usable_population(line.population, line.n) for line in lines)
    return BlockMethod.DOSSIERS if known else BlockMethod.PLAIN


def weights_of(lines: Sequence[UnitLine]) -> list[float]:
    """What each unit counts in the mean of its block."""
    if mean_method(lines) is BlockMethod.PLAIN:
        return [1.0] * len(lines)
    return [float(line.population or 0) for line in lines]
