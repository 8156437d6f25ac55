"""What the kiosk's page asks of the server: to take sheets, look at a code, hear of itself."""

import logging
from typing import Any

from flask import jsonify, make_response
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import (
    Conflict,
    Forbidden,
    HaiLongError,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from survey_app.i18n import DEFAULT_LANGUAGE, translate
from survey_app.operations.fieldwork.devices import Device, has_news, report_in
from survey_app.operations.fieldwork.links import find_link, is_used_up
from survey_app.operations.fieldwork.versions import version_of_sheet
from survey_app.operations.intake.envelope import read_kiosk_sheet
from survey_app.operations.intake.submission import Receipt, Sheet
from survey_app.storage.database import DatabaseOutOfReach
from survey_app.web.errors import STATUS
from survey_app.web.kiosk import blueprint
from survey_app.web.kiosk.device_key import (
    UnknownDevice,
    current_device,
    current_key,
    drop_key,
    keep_key,
)
from survey_app.web.kiosk.reading import (
    identifier_of,
    language_of,
    read_batch,
    read_object,
    require_own_page,
    spoken,
)
from survey_app.web.kiosk.shell import is_open, is_paused
from survey_app.web.limits import require_device_turn, wrong_code
from survey_app.web.transactions import database, intake

log = logging.getLogger(__name__)

USED = "Mã này đã được dùng để gửi một phiếu. Cảm ơn ông/bà đã góp ý."
OTHER_UNIT = (
    "Mã này do một đơn vị khác cấp. Mời ông/bà quét mã bằng điện thoại, "
    "hoặc trả lời tại đây không cần mã."
)
OTHER_SURVEY = (
    "Mã này thuộc một phiếu khảo sát khác. Mời ông/bà quét mã bằng điện thoại, "
    "hoặc trả lời tại đây không cần mã."
)


@blueprint.post("/k/sheets")
def take_sheets() -> ResponseReturnValue:
    """Store sheets that waited on a device. What is said to be stored is on the disk."""
    require_own_page()
    batch = read_batch()
    device_id, unit_id = _device_and_unit()
    require_device_turn(device_id, len(batch))
    outcomes = zip(batch, _take(batch, unit_id), strict=True)
    return jsonify(results=[{"id": identifier_of(i), **_tell(i, found)} for i, found in outcomes])


@blueprint.post("/k/code")
def check_code() -> ResponseReturnValue:
    """Whether the code of a slip can carry a sheet of this device's questionnaire just now."""
    require_own_page()
    body = read_object()
    code, version, language = (str(body.get(name, "")) for name in ("code", "version", "language"))
    try:
        with database().session() as session:
            device = current_device(session)
            link = find_link(session, code)
            if link.point.unit_id != device.collection_point.unit_id:
                raise Conflict(OTHER_UNIT)
            link.require_open(now())
            if is_used_up(session, link):
                raise Conflict(USED)
            if version_of_sheet(session, link.point.survey, version).name != version:
                raise Conflict(OTHER_SURVEY)
    except NotFound as error:
        return _refusal(wrong_code(error), language)
    except HaiLongError as error:
        return _refusal(error, language)
    return jsonify({})


@blueprint.post("/k/report")
def report() -> ResponseReturnValue:
    """A device tells how it is, and hears whether its survey takes sheets."""
    require_own_page()
    body = read_object()
    told: dict[str, Any] = {
        "waiting": _count(body.get("waiting")),
        "refused": _count(body.get("refused")),
        "app_version": str(body.get("app_version", "")),
        "now": now(),
    }
    with database().session() as session:
        device = current_device(session)
        is_news = has_news(device, **told)
        response = make_response(jsonify(is_open=is_open(device), is_paused=is_paused(device)))
    if is_news:
        with database().transaction() as session:
            report_in(session, current_device(session), **told)
    keep_key(response, current_key())
    return response


@blueprint.post("/k/leave")
def leave() -> ResponseReturnValue:
    """The browser forgets its key. The device can be enrolled again with a new code."""
    require_own_page()
    response = make_response(jsonify({}))
    drop_key(response)
    return response


@blueprint.errorhandler(HaiLongError)
def refuse(error: HaiLongError) -> ResponseReturnValue:
    """What a script was refused, as JSON; pages answer for themselves."""
    return _refusal(error, DEFAULT_LANGUAGE)


def _device_and_unit() -> tuple[int, int]:
    """The ids of the device and of the unit at which it stands."""
    with database().session() as session:
        device: Device = current_device(session)
        return device.id, device.collection_point.unit_id


def _take(batch: list[Any], unit_id: int) -> list[Receipt | Exception]:
    """What became of the sheets of a device at this unit: its key is good for no other."""
    found = [_read(item) for item in batch]
    sheets = [sheet for sheet in found if isinstance(sheet, Sheet)]
    outcomes = iter(intake().submit_all(sheets, now=now(), unit_id=unit_id))
    return [next(outcomes) if isinstance(sheet, Sheet) else sheet for sheet in found]


def _read(item: object) -> Sheet | Invalid:
    try:
        return read_kiosk_sheet(item)
    except Invalid as mistake:
        return mistake


def _tell(item: object, outcome: Receipt | Exception) -> dict[str, str]:
    """Only what the sheet itself is refused for is final."""
    match outcome:
        case Receipt():
            status = "stored" if outcome.is_new else "known"
            return {"status": status, "receipt": outcome.code}
        case TooMany() | Unavailable() | DatabaseOutOfReach():
            return {"status": "again"}
        case Invalid():
            reasons = [problem.message for problem in outcome.problems] or [outcome.message]
            return {"status": "refused", "reason": " ".join(dict.fromkeys(reasons))}
        case HaiLongError():
            reason = translate(outcome.msgid, language_of(item), **outcome.values)
            return {"status": "refused", "reason": reason}
    log.error("a sheet of a device could not be stored", exc_info=outcome)
    return {"status": "again"}


def _refusal(error: HaiLongError, language: str) -> ResponseReturnValue:
    sentence = translate(error.msgid, spoken(language), **error.values)
    if isinstance(error, UnknownDevice):  # the page takes itself out of use for this alone
        return jsonify(error=sentence, reason="revoked"), STATUS[Forbidden]
    return jsonify(error=sentence), STATUS[type(error)]


def _count(value: object) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    if not is_count:
        raise Invalid("Số phiếu mà thiết bị báo không hợp lệ.")
    return int(value)  # type: ignore[call-overload,no-any-return]


#: Guarded by the check of the sender, not by a token in a form.
JSON_VIEWS = (take_sheets, check_code, report, leave)
