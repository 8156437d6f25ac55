"""Standings: the units of a survey compared with their like, from the figures of its overview."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.figures.blocks import (
    BLOCKS,
    MINIMUM_SHEETS,
    error_of,
    is_comparable,
    mean_method,
    mean_of,
    members_by_block,
    value_of,
    verdict_of,
    weights_of,
)
from survey_app.operations.figures.overview import UnitLine, overview
from survey_app.operations.figures.places import SurveyPlace, describe_regrouped
from survey_app.operations.figures.unit_sample import CONFIDENCE, usable_population
from survey_app.operations.figures.version_mix import describe_versions
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import Document, Format, render_document
from survey_app.operations.review.sheet_quality import (
    FlagTally,
    describe_quality,
    join_tallies,
    tally_flags,
)
from survey_app.ranking.block import (
    differences_from_mean,
)
from survey_app.ranking.compare import (
    Comparer,
    Comparison,
    RankMethod,
    indistinguishable_groups,
    indistinguishable_pairs,
)
from survey_app.ranking.critical import Simulation
from survey_app.ranking.pairs import make_units
from survey_app.ranking.rank_sets import DRAWS, SEED, RankSet, rank_sets
from survey_app.reporting.figures.quality import UnitQuality
from survey_app.reporting.results.standings import (
    Block,
    Groups,
    Place,
    Unranked,
)
from survey_app.reporting.results.standings import Standings as Standings
from survey_app.reporting.results.standings_report import compose_standings
from survey_app.storage.models import Survey

ALL = "all"
#: What the same standings can be taken away as.
FORMATS = frozenset({Format.XLSX, Format.JSON})


def survey_standings(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    *,
    block: str = "",
    scope: str,
    today: date,
    minimum: int = MINIMUM_SHEETS,
    draws: int = DRAWS,
    seed: int = SEED,
    lineage: Lineage | None = None,
) -> Standings:
    """The standings of one block of the units in ``unit_ids`` (or all), or of every block.

    ``block``: a code of :data:`BLOCKS`, :data:`ALL`, or "" for the first there is. ``scope`` is
    whose units these are, for people. ``lineage``: by the boundaries of today; None: by those of
    the survey. Raises NotFound for a block without a unit in scope.
    """
    members = members_by_block(session, survey, unit_ids, lineage)
    chosen = block or next(iter(members), "")
    shown = tuple(members) if chosen == ALL else (chosen,) if chosen else ()
    if not set(shown) <= set(members) or (block and not shown):
        raise NotFound("Không có khối đơn vị này trong phạm vi của ông/bà.")
    lines = {code: overview(session, survey, members[code], lineage=lineage) for code in shown}
    tallies = tally_flags(
        session, survey, [i for f in lines.values() for x in f for i in x.row_ids]
    )
    simulation = Simulation(CONFIDENCE, draws, seed)
    return Standings(
        survey=describe_survey(survey, today),
        questionnaire=load_questionnaire(survey.version),
        scope=scope,
        data_until=min(today, survey.ends_on),
        blocks=tuple(
            _with_quality(compare_block(code, found, simulation, minimum), found, tallies)
            for code, found in lines.items()
        ),
        choices=_choices(members),
        chosen=chosen,
        minimum=minimum,
        confidence=CONFIDENCE,
        draws=draws,
        seed=seed,
        boundaries=None if lineage is None else describe_regrouped(_places(lines.values())),
        versions=describe_versions(session, survey),
    )


def _places(blocks: Iterable[Sequence[UnitLine]]) -> Iterator[SurveyPlace]:
    return (line.place for lines in blocks for line in lines)


def _with_quality(
    block: Block, lines: Sequence[UnitLine], tallies: Mapping[int, FlagTally]
) -> Block:
    """The block with the flagged sheets of its units."""
    flagged = [
        (line, join_tallies(found))
        for line in lines
        if (found := [tallies[id_] for id_ in line.row_ids if id_ in tallies])
    ]
    partial = sum(line.partial for line in lines)
    joined = join_tallies(tally for _, tally in flagged)
    return replace(
        block,
        quality=describe_quality(joined, partial=partial, everything=None),
        by_unit=tuple(
            UnitQuality(
                line.unit.code,
                line.unit.name,
                line.index,
                describe_quality(tally, partial=line.partial, everything=line.everything),
            )
            for line, tally in flagged
        ),
    )


def render_standings(standings: Standings, form: Format, *, dated: date) -> Document:
    """The standings as a file; raises NotFound for a form they cannot be had in."""
    if form not in FORMATS:
        raise NotFound("Bảng khoảng hạng có ở dạng Excel và JSON.")
    return render_document(compose_standings(standings, dated=dated), form)


def compare_block(
    code: str, lines: Sequence[UnitLine], simulation: Simulation, minimum: int
) -> Block:
    """Compare the units of one block. Those with fewer than ``minimum`` sheets that answer the
    index stand apart; so do all where there are not two to compare."""
    able = [line for line in lines if is_comparable(line, minimum)]
    ranked = sorted(able, key=value_of, reverse=True) if len(able) > 1 else []
    places, groups, pairs = _rank(ranked, simulation) if ranked else ((), (), ())
    return Block(
        code=code,
        name=BLOCKS[code][0],
        places=places,
        unranked=tuple(_unranked(line) for line in lines if line not in ranked),
        groups=groups,
        pairs=pairs,
        mean=mean_of(ranked, simulation.confidence) if ranked else None,
        mean_method=mean_method(ranked),
        is_alone=len(able) == 1,
    )


def _rank(
    ranked: Sequence[UnitLine], simulation: Simulation
) -> tuple[tuple[Place, ...], Groups, Groups]:
    """Places, and the groups and pairs that cannot be told apart; lines highest index first."""
    values = [value_of(line) for line in ranked]
    errors = [error_of(line) for line in ranked]
    units = make_units(values, standard_errors=errors)
    comparison = Comparer(units, simulation).compare(RankMethod.SIMULTANEOUS)
    against = differences_from_mean(values, errors, weights_of(ranked))
    columns = zip(
        ranked,
        errors,
        rank_sets(comparison),
        against.values.tolist(),
        against.p_values.tolist(),
        strict=True,
    )
    places = tuple(
        _place(line, error, ranks, difference, p_value)
        for line, error, ranks, difference, p_value in columns
    )
    return places, *_groups_and_pairs(comparison, [line.unit.name for line in ranked])


def _place(
    line: UnitLine,
    error: float,
    ranks: RankSet,
    difference: float,
    p_value: float,
) -> Place:
    return Place(
        code=line.unit.code,
        name=line.unit.name,
        n=line.n,
        population=usable_population(line.population, line.n),
        index=line.index,
        standard_error=error,
        ranks=ranks,
        difference=difference,
        p_value=p_value,
        verdict=verdict_of(difference, p_value),
    )


def _groups_and_pairs(comparison: Comparison, names: Sequence[str]) -> tuple[Groups, Groups]:
    """Runs of neighbours that cannot be told apart, and the pairs that stand in no run."""
    groups = indistinguishable_groups(comparison)
    sets = [frozenset(group) for group in groups]
    pairs = indistinguishable_pairs(comparison)
    left = [pair for pair in pairs if not any(group.issuperset(pair) for group in sets)]
    return _named(groups, names), _named(left, names)


def _named(groups: Iterable[tuple[int, ...]], names: Sequence[str]) -> Groups:
    return tuple(tuple(names[unit] for unit in group) for group in groups)


def _choices(members: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What can be chosen: every block there, and all of them where there are several."""
    choices = tuple((code, BLOCKS[code][0]) for code in members)
    return (*choices, (ALL, "Tất cả các khối")) if len(choices) > 1 else choices


def _unranked(line: UnitLine) -> Unranked:
    return Unranked(line.unit.code, line.unit.name, line.shown_n, line.index)
