"""Asking for a reply: a form of its own, whose address and request say nothing of a sheet."""

import secrets
from collections.abc import Sequence

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Invalid, Problem, TooMany
from survey_app.i18n import format_date, frame_language, interface_languages
from survey_app.operations.privacy import contact_requests as operations
from survey_app.operations.privacy.contact_requests import Asked, Place
from survey_app.operations.privacy.sealing import Sealer
from survey_app.web.citizen import blueprint
from survey_app.web.citizen.display import Display, read_switch, remember
from survey_app.web.limits import require_contact_turn
from survey_app.web.templating import gettext
from survey_app.web.transactions import current_session

#: A field that people do not see; programs that fill in every field are thanked and forgotten.
TRAP = "website"
LONGEST_NONCE = 64
NOTHING_TYPED = Asked("", "", "", "", "vi")


@blueprint.get("/xin-tra-loi/<code>/<unit_code>")
def contact(code: str, unit_code: str) -> ResponseReturnValue:
    return _page(_place(code, unit_code), NOTHING_TYPED)


@blueprint.post("/xin-tra-loi/<code>/<unit_code>")
def ask_for_reply(code: str, unit_code: str) -> ResponseReturnValue:
    place = _place(code, unit_code)
    if "_display" in request.form:
        return _show_otherwise(place, request.form["_display"])
    typed = _typed(place)
    nonce = request.form.get("_nonce", "")[:LONGEST_NONCE] or _nonce()
    try:
        if not request.form.get(TRAP):
            require_contact_turn(f"{place.survey.id}/{place.unit.id}")
            operations.ask_for_reply(current_session(), place, typed, nonce, _sealer(), now=now())
    except Invalid as invalid:
        return _page(place, typed, invalid.problems), 422
    except TooMany as busy:
        return _page(place, typed, [Problem(gettext(busy.message))]), 429
    # No redirect: an address or a cookie would have to carry the code. Sent anew, the page says
    # the same, for the nonce does.
    withdrawal = operations.withdrawal_code(nonce)
    return render_template("citizen/contact_received.html", place=place, withdrawal=withdrawal)


@blueprint.get("/xin-tra-loi/<code>/<unit_code>/rut-lai")
def withdrawal(code: str, unit_code: str) -> ResponseReturnValue:
    return _withdrawal_page(operations.find_former_place(current_session(), code, unit_code))


@blueprint.post("/xin-tra-loi/<code>/<unit_code>/rut-lai")
def withdraw(code: str, unit_code: str) -> ResponseReturnValue:
    place = operations.find_former_place(current_session(), code, unit_code)
    typed = request.form.get("code", "")
    try:
        require_contact_turn(f"{place.survey.id}/{place.unit.id}/withdrawal")
        operations.withdraw_request(current_session(), place, typed, _sealer(), now=now())
    except Invalid as invalid:
        return _withdrawal_page(place, typed=typed, refusal=gettext(invalid.message)), 422
    except TooMany as busy:
        return _withdrawal_page(place, typed=typed, refusal=gettext(busy.message)), 429
    return _withdrawal_page(place, is_done=True)


def _withdrawal_page(
    place: Place, *, typed: str = "", refusal: str = "", is_done: bool = False
) -> str:
    return render_template(
        "citizen/withdrawal.html",
        place=place,
        typed=typed,
        refusal=refusal,
        is_done=is_done,
        display=Display.remembered(),
        languages=interface_languages(),
    )


def _place(code: str, unit_code: str) -> Place:
    return operations.find_place(current_session(), code, unit_code, now=now())


def _typed(place: Place) -> Asked:
    form = request.form
    return Asked(
        name=form.get("name", ""),
        reach=form.get("reach", ""),
        subject=form.get("subject", "").replace("\r\n", "\n"),
        consent=_consent(place) if form.get("consent") == "yes" else "",
        language=g.language,
    )


def _show_otherwise(place: Place, choice: str) -> str:
    """The same form with another text size, contrast or language, and what was typed."""
    kind, value = read_switch(choice)
    if kind:
        remember(kind, value)
    if kind == "lang":
        g.language = frame_language(value)
    return _page(place, _typed(place), display=Display.remembered().having(kind, value))


def _page(
    place: Place,
    typed: Asked,
    problems: Sequence[Problem] = (),
    display: Display | None = None,
) -> str:
    return render_template(
        "citizen/contact.html",
        place=place,
        typed=typed,
        consent=_consent(place),
        problems=problems,
        mistakes={problem.where: problem.message for problem in problems},
        nonce=request.form.get("_nonce", "")[:LONGEST_NONCE] or _nonce(),
        display=display or Display.remembered(),
        longest=operations,
        trap=TRAP,
        languages=interface_languages(),
    )


def _consent(place: Place) -> str:
    """What is agreed to: what for, who reads it, until when."""
    return gettext(
        "Tôi đồng ý để {unit} giữ những gì tôi viết ở trên, chỉ để trả lời tôi. Chỉ cán bộ phụ "
        "trách của cơ quan này và của cơ quan cấp trên, người quản lý cuộc khảo sát và người quản "
        "trị hệ thống đọc được, mỗi lần đọc đều được ghi vào nhật ký. Nội dung được xóa ngay khi "
        "tôi được trả lời hoặc rút lại, chậm nhất là sau ngày {day}.",
        unit=place.unit.name,
        day=format_date(place.last_day(local_date(now()))),
    )


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def _sealer() -> Sealer:
    return Sealer.of(current_app.config["SETTINGS"])
