"""A draw with its dossiers, as its page and its workbook show it."""

from sqlalchemy.orm import Session

from survey_app.operations.reports.documents import Document, Format, render_document
from survey_app.operations.samples.draws import SampleDraw, stored_dossiers, strata_of
from survey_app.reporting.fieldwork.drawn_list import (
    DrawnList,
    DrawnTarget,
    compose_drawn_list,
)
from survey_app.storage.models import SampleMethod as SampleMethod


def describe_draw(session: Session, draw: SampleDraw) -> DrawnList:
    """The draw with its dossiers, as its workbook and its page show it."""
    return DrawnList(
        draw_id=draw.id,
        survey_code=draw.survey.code,
        survey_title=draw.survey.title,
        unit_code=draw.unit.code,
        unit_name=draw.unit.name,
        number=draw.number,
        as_of=draw.as_of,
        drawn_at=draw.drawn_at,
        drawn_by=draw.account.display_name if draw.account else "",
        reason=draw.reason,
        population=draw.population,
        n=draw.n,
        method=draw.method,
        allocation=draw.allocation,
        strata=strata_of(draw),
        seed=draw.seed,
        fingerprint=draw.fingerprint,
        target=_target_of(draw),
        is_demo=draw.survey.is_demo,
        dossiers=stored_dossiers(session, draw),
    )


def render_draw(described: DrawnList, form: Format = Format.XLSX) -> Document:
    """The draw as a file."""
    return render_document(compose_drawn_list(described), form)


def _target_of(draw: SampleDraw) -> DrawnTarget | None:
    """What n was reckoned from when the draw was made; None where it was given."""
    numbers = (draw.margin, draw.confidence, draw.required, draw.issued, draw.ministry)
    match numbers:
        case (float(margin), float(confidence), int(required), int(issued), int(ministry)):
            return DrawnTarget(margin, confidence, draw.response_rate, required, issued, ministry)
    return None
