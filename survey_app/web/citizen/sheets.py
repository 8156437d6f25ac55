"""A citizen's answer sheet between browser and operation: opening, reading, showing again."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from uuid import UUID, uuid4

from flask import Response, current_app, g, make_response, render_template, request, url_for

from survey_app.clock import now
from survey_app.errors import Forbidden, Invalid, NotFound, Problem
from survey_app.i18n import frame_language, translate
from survey_app.operations.fieldwork.links import Link, find_link, is_used_up
from survey_app.operations.fieldwork.versions import version_of_sheet
from survey_app.operations.fieldwork.ways import offered_questionnaire, require_link_way
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.questionnaires.publishing import (
    QuestionnaireVersion,
    load_questionnaire,
)
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, QuestionKind, Questionnaire
from survey_app.web.answer_form import build_page, read_form
from survey_app.web.citizen.display import Display, wanted_language
from survey_app.web.citizen.express_page import Shown, note_shown
from survey_app.web.citizen.kept_pages import SHEET_ID, TOKEN, KeptPage, KeptPages
from survey_app.web.citizen.one_sheet import AGAIN, carry, marks, read_id, shown_id
from survey_app.web.limits import wrong_code
from survey_app.web.transactions import reading_session

LARGEST_FORM = 2 * 1024 * 1024
COMPRESS_FROM = 1024


@dataclass(frozen=True)
class OpenSheet:
    """A sheet as the browser holds it. ``response_id`` is what its page shows; ``given`` are the
    answers as typed, right or wrong; ``is_another``: it is wanted after this browser has sent one.
    """

    link: Link
    version: QuestionnaireVersion
    language: str
    response_id: UUID
    on_one_page: bool = False
    given: Mapping[str, object] = field(default_factory=dict)
    is_another: bool = False

    @property
    def questionnaire(self) -> Questionnaire:
        return offered_questionnaire(self.link.point.survey, self.version)

    def as_another(self) -> Self:
        return replace(self, response_id=uuid4(), is_another=True)

    def paged(self, is_paged: bool) -> Self:
        return replace(self, on_one_page=not is_paged)

    def speaking(self, language: str) -> Self:
        is_known = language in self.questionnaire.languages
        return replace(self, language=language) if is_known else self


def typed_texts(sheet: OpenSheet) -> tuple[str, ...]:
    """What somebody has written in their own words."""
    texts = (
        sheet.given.get(question.code)
        for question in sheet.questionnaire.questions
        if question.kind is QuestionKind.TEXT
    )
    return tuple(text for text in texts if isinstance(text, str) and text.strip())


def open_link(token: str) -> Link:
    """The link behind a token; raises NotFound, or TooMany when somebody tries many codes."""
    try:
        return find_link(reading_session(), token)
    except NotFound as error:
        raise wrong_code(error) from error


def require_takes_sheets(link: Link) -> None:
    """Raises Forbidden for a one-time link that has carried its sheet, Closed outside the time."""
    if is_used_up(reading_session(), link):
        raise Forbidden("Mã này đã được dùng để gửi một phiếu. Cảm ơn ông/bà đã góp ý.")
    link.require_open(now())
    require_link_way(link)


def show_new(link: Link) -> Response:
    """An empty sheet: the one that this browser has open, else a new one, whose id is made now."""
    survey = link.point.survey
    version, questionnaire = survey.version, offered_questionnaire(survey)
    carried, language = marks().open_id, settle_language(questionnaire)
    sheet_id = carried or uuid4()
    sheet = OpenSheet(link, version, language, shown_id(sheet_id), is_one_page_wanted())
    response = _show_blank(sheet, sheet_id)
    return response if carried else carry(response, link.token, sheet_id)


def sent_sheet(link: Link) -> OpenSheet:
    """The sheet in the form just sent, with every answer as it was typed, by the version that its
    page was of."""
    request.max_form_memory_size = LARGEST_FORM
    named, survey = request.form.get("_version"), link.point.survey
    version = version_of_sheet(reading_session(), survey, named)
    questionnaire = offered_questionnaire(survey, version)
    return OpenSheet(
        link,
        version,
        _language_answered(questionnaire, version),
        read_id(request.form.get("_response_id", "")) or uuid4(),
        is_one_page_wanted(),
        read_form(questionnaire, request.form.to_dict(flat=False)),
        is_another=AGAIN in request.form,
    )


def as_submission(sheet: OpenSheet) -> Sheet:
    """The sheet as the operation takes it."""
    if request.form.get("_response_id", "") != str(sheet.response_id):
        message = translate(
            "Phiếu đã được mở lại, các câu trả lời vẫn còn. Vui lòng bấm “Gửi phiếu” lần nữa.",
            frame_language(sheet.language),
        )
        raise Invalid(message, [Problem(message)])
    return Sheet(
        sheet.response_id,
        sheet.link.token,
        sheet.given,
        version=request.form.get("_version"),
        language=sheet.language,
        seconds=read_seconds(request.form.get("_seconds", "")),
    )


def _show_blank(sheet: OpenSheet, sheet_id: UUID) -> Response:
    """The page with the whole questionnaire and no answer: rendered once, then only filled in."""
    g.language = frame_language(sheet.language)
    survey, unit, display = sheet.link.point.survey, sheet.link.point.unit, Display.remembered()
    shown = (survey.version.fingerprint, survey.version.name, survey.title, survey.is_demo)
    spoken = (sheet.language, sheet.questionnaire.languages)
    pages: KeptPages = current_app.extensions["hailong.kept_pages"]
    page = pages.get(
        (*shown, unit.name, spoken, sheet.on_one_page, display, request.script_root),
        lambda: KeptPage.split(
            _html(sheet, display, token=TOKEN, sheet_id=SHEET_ID), TOKEN, SHEET_ID
        ),
    )
    is_packed = bool(request.accept_encodings["gzip"])
    fill = page.filled_gzip if is_packed else page.filled
    response = make_response(fill(sheet.link.token, str(sheet.response_id)))
    note_shown(request.environ, Shown(page, str(sheet_id), is_packed))
    response.vary.add("Accept-Encoding")
    if is_packed:
        response.content_encoding = "gzip"
    return response


def show_sheet(
    sheet: OpenSheet,
    *,
    display: Display | None = None,
    problems: tuple[Problem, ...] = (),
    is_kept: bool = False,
) -> Response:
    """The page with the whole questionnaire, what was answered and what is wrong."""
    g.language = frame_language(sheet.language)
    html = _html(
        sheet,
        display or Display.remembered(),
        token=sheet.link.token,
        sheet_id=str(sheet.response_id),
        problems=problems,
        is_kept=is_kept,
    )
    return compressed(make_response(html))


def _html(
    sheet: OpenSheet,
    display: Display,
    *,
    token: str,
    sheet_id: str,
    problems: tuple[Problem, ...] = (),
    is_kept: bool = False,
) -> str:
    page = build_page(sheet.questionnaire, sheet.language, sheet.given, problems)
    address = url_for("citizen.answer", token=token)
    return render_template(
        "citizen/show.html",
        sheet_id=sheet_id,
        is_on_one_page=sheet.on_one_page,
        survey=sheet.link.point.survey,
        version=sheet.version,
        unit=sheet.link.point.unit,
        page=page,
        languages=sheet.questionnaire.languages,
        sheet_language=sheet.language,
        is_another=sheet.is_another,
        display=display,
        is_kept=is_kept,
        action=f"{address}?trang=mot" if sheet.on_one_page else address,
    )


def compressed(response: Response) -> Response:
    """The page in few bytes, for slow networks. It holds no secret that this could betray."""
    data = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(data) >= COMPRESS_FROM and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(data, compresslevel=5, mtime=0))
        response.content_encoding = "gzip"
    return response


def is_one_page_wanted() -> bool:
    return request.args.get("trang") == "mot"


def settle_language(questionnaire: Questionnaire, asked: str = "") -> str:
    """The wanted language if the questionnaire speaks it, else Vietnamese."""
    wanted = asked or wanted_language()
    return wanted if wanted in questionnaire.languages else PRIMARY_LANGUAGE


def _language_answered(offered: Questionnaire, version: QuestionnaireVersion) -> str:
    """In which language the page sent was read: one that was taken off since, too."""
    told = request.form.get("_language", "")
    is_spoken = told in load_questionnaire(version).languages
    return told if is_spoken else settle_language(offered, told)


def read_seconds(text: str) -> int | None:
    """How long answering took, as the script measured it; nonsense counts as not measured."""
    is_sound = text.isascii() and text.isdecimal() and len(text) <= 5
    return int(text) if is_sound and int(text) <= 24 * 3600 else None
