"""One unit's figures → its Report: what is said, in which order, under which letterhead."""

from dataclasses import replace
from datetime import date

from survey_app.reporting import chapters, tables, wording
from survey_app.reporting.comparison import comparison
from survey_app.reporting.drivers import drivers
from survey_app.reporting.figures import UnitFigures, UnitSubject
from survey_app.reporting.report import Chapter, Letterhead, Paragraphs, Report
from survey_app.text import clean_line, file_stem


def compose_unit_report(figures: UnitFigures, *, dated: date) -> Report:
    """The report of one unit, ready for every renderer.

    ``dated`` is the day on the paper. A withheld unit gets a report that says so and holds no
    figure.
    """
    if figures.overall is None:
        figures = replace(figures, withheld=True)
    unit, survey = figures.unit, figures.survey
    return Report(
        title=f"{wording.TITLE} tại {wording.in_a_sentence(unit.name)}",
        subtitle=f"{clean_line(survey.title)} ({chapters.short_period(figures)})",
        letterhead=_letterhead(unit, dated),
        chapters=tuple(_chapters(figures)),
        data_until=figures.data_until,
        is_demo=survey.is_demo,
        file_stem=f"BaoCaoHaiLong_{file_stem(unit.name)}_{file_stem(survey.code)}",
        source=f"{survey.code}; {survey.version}; {survey.fingerprint}",
    )


def _letterhead(unit: UnitSubject, dated: date) -> Letterhead:
    return Letterhead(
        parent_agency=wording.short_agency(unit.parent_agency),
        agency=clean_line(unit.agency),
        place=clean_line(unit.place),
        dated=dated,
        symbol=f"BC-{agency_initials(unit.agency)}",
        signer_title=wording.signer_title(unit.agency),
        recipients=_recipients(unit),
    )


def _chapters(figures: UnitFigures) -> list[Chapter]:
    whole = figures.overall
    if figures.withheld or whole is None:
        caution = Paragraphs((wording.TOO_FEW,), is_caution=True)
        withheld = Chapter("overall", "Kết quả", (caution,))
        return [chapters.general(figures), withheld, chapters.method(figures)]
    found = (
        chapters.general(figures),
        chapters.overall(figures, whole),
        chapters.criteria(figures),
        comparison(figures, whole),
        drivers(figures),
        chapters.respondents(figures),
        chapters.comments(figures),
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
