"""Figures of one unit, or of several joined → a Report: what is said, in which order."""

from dataclasses import replace
from datetime import date

from survey_app.reporting import tables, wording
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Chapter, Letterhead, Paragraphs, Report
from survey_app.reporting.results import chapters, consolidated
from survey_app.reporting.results.comparison import comparison
from survey_app.reporting.results.drivers import drivers
from survey_app.reporting.results.groups import groups
from survey_app.reporting.results.integrity import integrity
from survey_app.text import clean_line, file_stem


def compose_report(figures: UnitFigures, *, dated: date) -> Report:
    """The report of one unit, or of several joined, ready for every renderer.

    ``dated`` is the day on the paper. A withheld unit gets a report that says so and holds no
    figure.
    """
    if figures.overall is None:
        figures = replace(figures, withheld=True)
    unit, survey = figures.unit, figures.survey
    return Report(
        title=_title(figures),
        subtitle=f"{clean_line(survey.title)} ({chapters.short_period(figures)})",
        letterhead=letterhead(unit, dated, _recipients(unit)),
        chapters=tuple(_chapters(figures)),
        data_until=figures.data_until,
        is_demo=survey.is_demo,
        file_stem=f"{_stem(figures)}_{file_stem(unit.name)}_{file_stem(survey.code)}",
        source=survey.source,
    )


def _title(figures: UnitFigures) -> str:
    if _is_of_several(figures):
        return consolidated.title(figures.unit.name)
    title = f"{wording.TITLE} tại {wording.in_a_sentence(figures.unit.name)}"
    if figures.versions and figures.versions.is_part:
        return f"{title}: riêng phiếu theo phiên bản {figures.versions.shown}"
    return title


def _stem(figures: UnitFigures) -> str:
    stem = "BaoCaoTongHop" if _is_of_several(figures) else "BaoCaoHaiLong"
    if figures.versions and figures.versions.is_part:
        return f"{stem}_PhienBan{figures.versions.shown}"
    return stem if figures.boundaries is None else f"{stem}_DiaGioiHienNay"


def _is_of_several(figures: UnitFigures) -> bool:
    """Whether the report is about several units of today, not about one made of several."""
    return figures.consolidation is not None and not figures.consolidation.is_merged


def letterhead(unit: UnitSubject, dated: date, recipients: tuple[str, ...]) -> Letterhead:
    """The head of a paper that a unit makes."""
    return Letterhead(
        parent_agency=wording.short_agency(unit.parent_agency),
        agency=clean_line(unit.agency),
        place=clean_line(unit.place),
        dated=dated,
        symbol=f"BC-{agency_initials(unit.agency)}",
        signer_title=wording.signer_title(unit.agency),
        recipients=recipients,
    )


def _chapters(figures: UnitFigures) -> list[Chapter]:
    whole = figures.overall
    if figures.withheld or whole is None:
        too_few = consolidated.TOO_FEW if _is_of_several(figures) else wording.TOO_FEW
        caution = Paragraphs((too_few,), is_caution=True)
        withheld = Chapter("overall", "Kết quả", (caution,))
        # Sheets may be few because many were excluded.
        excluded = figures.quality is not None and figures.quality.total.excluded != 0
        aside = [chapter for chapter in [integrity(figures)] if chapter and excluded]
        return [chapters.general(figures), withheld, *aside, chapters.method(figures)]
    found = (
        chapters.general(figures),
        chapters.overall(figures, whole),
        consolidated.members(figures, figures.consolidation) if figures.consolidation else None,
        chapters.criteria(figures),
        comparison(figures, whole),
        drivers(figures),
        groups(figures),
        chapters.respondents(figures),
        chapters.comments(figures),
        integrity(figures),
        chapters.method(figures, tables.roll_ups(figures, whole)),
    )
    return [chapter for chapter in found if chapter]


def agency_initials(agency: str) -> str:
    """The agency's abbreviation in a paper's symbol.

    >>> agency_initials("Ủy ban nhân dân xã Cư Kuin"), agency_initials("Sở Giáo dục và Đào tạo")
    ('UBND', 'SGDĐT')
    """
    if wording.is_peoples_committee(agency):
        return "UBND"
    words = [w for w in clean_line(agency).split() if w.lower() not in ("và", "của", "-", "–")]
    return "".join(word[0] for word in words).upper()


def _recipients(unit: UnitSubject) -> tuple[str, ...]:
    parent = wording.short_agency(unit.superior or unit.parent_agency)
    report_to = (f"{parent} (để báo cáo);",) if parent else ()
    return (*report_to, "Lưu: VT.")
