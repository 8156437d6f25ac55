"""One unit's figures → its Report: what is said, in which order, under which letterhead."""

from dataclasses import replace
from datetime import date

from survey_app.reporting import chapters, formats, tables, wording
from survey_app.reporting.figures import UnitFigures, UnitSubject
from survey_app.reporting.report import Chapter, Letterhead, Paragraphs, Report

#: The least number of sheets for which any figure is given (sheets).
MINIMUM_BASE = 5

#: So many comments go into one document unless the caller says otherwise.
MOST_COMMENTS = 12


def compose_unit_report(
    figures: UnitFigures,
    *,
    dated: date,
    place: str | None = None,
    symbol: str | None = None,
    signer_title: str | None = None,
    recipients: tuple[str, ...] | None = None,
    most_comments: int = MOST_COMMENTS,
    minimum_base: int = MINIMUM_BASE,
) -> Report:
    """The report of one unit, ready for every renderer.

    ``dated`` is the day on the paper. ``place``, ``symbol`` ("BC-UBND"), ``signer_title`` and
    ``recipients`` follow from the unit where they are not given. A withheld unit gets a report
    that says so and holds no figure.
    """
    if figures.overall is None:
        figures = replace(figures, withheld=True)
    survey = figures.survey
    unit = wording.clean(figures.unit.name)
    letterhead = Letterhead(
        parent_agency=wording.short_agency(figures.unit.parent_agency),
        agency=wording.clean(figures.unit.agency),
        place=wording.clean(place or figures.unit.place),
        dated=dated,
        symbol=symbol or f"BC-{agency_initials(figures.unit.agency)}",
        signer_title=signer_title or _signer_title(figures.unit),
        recipients=_recipients(figures.unit) if recipients is None else recipients,
    )
    return Report(
        title=f"Kết quả khảo sát sự hài lòng của người dân, tổ chức tại {unit}",
        subtitle=f"{wording.clean(survey.title)} ({chapters.short_period(figures)})",
        letterhead=letterhead,
        chapters=tuple(_chapters(figures, most_comments, minimum_base)),
        data_until=figures.data_until,
        is_demo=survey.is_demo,
        file_stem=formats.file_stem("BaoCaoHaiLong", figures.unit.name, survey.code),
        source=f"{survey.code}; {survey.version}; {survey.fingerprint}",
    )


def _chapters(figures: UnitFigures, most_comments: int, minimum_base: int) -> list[Chapter]:
    whole = figures.overall
    if figures.withheld or whole is None:
        text = wording.TOO_FEW.format(minimum=minimum_base)
        withheld = Chapter("overall", "Kết quả", (Paragraphs((text,), is_caution=True),))
        return [chapters.general(figures), withheld, chapters.method(figures, minimum_base)]
    found = (
        chapters.general(figures),
        chapters.overall(figures, whole),
        chapters.criteria(figures),
        chapters.respondents(figures),
        chapters.comments(figures, most_comments),
        chapters.method(figures, minimum_base, (tables.roll_ups(figures, whole),)),
    )
    return [chapter for chapter in found if chapter]


def agency_initials(agency: str) -> str:
    """The agency's abbreviation in a paper's symbol.

    >>> agency_initials("Ủy ban nhân dân xã Cư Kuin"), agency_initials("Sở Giáo dục và Đào tạo")
    ('UBND', 'SGDĐT')
    """
    if wording.is_peoples_committee(agency):
        return "UBND"
    words = [
        word
        for word in wording.clean(agency).split()
        if word.lower() not in ("và", "của", "-", "–")
    ]
    return "".join(word[0] for word in words).upper()


def _signer_title(unit: UnitSubject) -> str:
    if wording.is_peoples_committee(unit.agency):
        return "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"
    return "THỦ TRƯỞNG ĐƠN VỊ"


def _recipients(unit: UnitSubject) -> tuple[str, ...]:
    parent = wording.short_agency(unit.parent_agency)
    report_to = (f"{parent} (để báo cáo);",) if parent else ()
    return (*report_to, "Lưu: VT.")
