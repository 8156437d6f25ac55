"""The standings of a survey's units: a page, and the same as Excel and JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.organisation.unit_search import UNITS_A_PAGE
from survey_app.operations.reports.standings import (
    Standings,
    render_standings,
    survey_standings,
)
from survey_app.paging import Page
from survey_app.reporting.figures.quality import UnitQuality
from survey_app.reporting.rendering.long_tables import page_named
from survey_app.reporting.results import standings as words
from survey_app.reporting.results.boundaries import sentences
from survey_app.reporting.results.standings import Block, Place, Unranked
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint, wording
from survey_app.web.officer.boundaries import export_subject, wanted_lineage
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words


@blueprint.get("/surveys/<code>/standings")
def standings(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found, wanted, number = _measure(survey), wanted_words(), wanted_page()
    pages = {block.code: _listed(block, wanted, number) for block in found.blocks}
    return render_template(
        "officer/standings.html",
        survey=survey,
        found=found,
        pages=pages,
        longest=max(_lists(pages.values()), key=lambda page: page.total, default=None),
        wanted=wanted,
        words=words,
        boundary_notes=sentences(found.boundaries),
    )


@blueprint.get("/surveys/<code>/standings/table.<ending>")
def standings_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    document = render_standings(found, wanted_form(ending), dated=local_date(now()))
    record_export(export_subject(f"{survey.code} {found.chosen} {ending}"))
    return attachment(document)


@dataclass(frozen=True)
class Listed:
    """One page of each list of a block."""

    places: Page[Place]
    unranked: Page[Unranked]
    by_unit: Page[UnitQuality]


def _listed(block: Block, wanted: str, number: int) -> Listed:
    return Listed(
        page_named(block.places, wanted, number=number, size=UNITS_A_PAGE),
        page_named(block.unranked, wanted, number=number, size=UNITS_A_PAGE),
        page_named(block.by_unit, wanted, number=number, size=UNITS_A_PAGE),
    )


def _lists(blocks: Iterable[Listed]) -> Iterator[Page[Place] | Page[Unranked] | Page[UnitQuality]]:
    for block in blocks:
        yield from (block.places, block.unranked, block.by_unit)


def _measure(survey: Survey) -> Standings:
    return survey_standings(
        current_session(),
        survey,
        current_scope().unit_ids,
        block=request.args.get("block", ""),
        scope=wording.scope_words(current_scope()),
        today=local_date(now()),
        lineage=wanted_lineage(),
    )
