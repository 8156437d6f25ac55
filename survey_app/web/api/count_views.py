"""Counts of dossiers from other software: stored once, replaced when they come again."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid, Problem
from survey_app.operations.access.api_keys import units_of
from survey_app.operations.audit.entries import record
from survey_app.operations.intake.envelope import check_word
from survey_app.operations.organisation.dossier_counts import (
    MOST_DOSSIERS,
    CountRow,
    parse_month,
    store_counts,
)
from survey_app.web.api import blueprint
from survey_app.web.api.reading import BODY, read_object
from survey_app.web.api_keys import current_key
from survey_app.web.transactions import current_session

LARGEST_BODY = 1024 * 1024
MOST_COUNTS = 2_000
#: Field → whether an item must have it.
FIELDS = {
    "month": True,
    "receiving_unit": True,
    "resolving_unit": False,
    "service": True,
    "dossiers": True,
}


@blueprint.put("/api/v1/dossier-counts")
def put_dossier_counts() -> ResponseReturnValue:
    """Store counts of units in the key's branch, all or none; the same again changes nothing."""
    request.max_content_length = LARGEST_BODY
    rows = read_counts(request.get_data(cache=False))
    key = current_key()
    outcome = store_counts(
        current_session(), rows, unit_ids=units_of(current_session(), key).unit_ids
    )
    if outcome.created or outcome.changed:
        subject = f"{key.label}: {outcome.created} thêm mới, {outcome.changed} sửa"
        record(current_session(), "dossier_counts.by_key", now=now(), subject=subject)
    return jsonify(created=outcome.created, changed=outcome.changed, unchanged=outcome.unchanged)


def read_counts(body: bytes) -> tuple[CountRow, ...]:
    """The counts in a body. Raises Invalid with every mistake."""
    document = read_object(body)
    items = document.get("counts")
    if set(document) != {"counts"} or not isinstance(items, list):
        raise Invalid(
            "Số liệu gửi lên chưa đúng.",
            [Problem("Nội dung là một đối tượng có đúng một trường “counts”, một mảng.", BODY)],
        )
    if not 1 <= len(items) <= MOST_COUNTS:
        message = f"Mỗi lần gửi từ 1 đến {MOST_COUNTS} mục."
        raise Invalid(message, [Problem(message, "counts")])
    problems: list[Problem] = []
    rows = [_row(place, item, problems) for place, item in enumerate(items)]
    if problems:
        raise Invalid("Số liệu gửi lên chưa đúng.", problems)
    return tuple(row for row in rows if row)


def _row(place: int, item: object, problems: list[Problem]) -> CountRow | None:
    where = f"counts[{place}]"
    if not isinstance(item, dict) or not _has_fields(item):
        required = ", ".join(FIELDS)
        problems.append(Problem(f"Mỗi mục là một đối tượng với các trường: {required}.", where))
        return None
    found = len(problems)
    for name in ("month", "receiving_unit", "resolving_unit", "service"):
        value = item.get(name, "")
        sentence = "" if value == "" else check_word(value)
        if sentence:
            problems.append(Problem(sentence, f"{where}.{name}"))
    dossiers = item["dossiers"]
    if type(dossiers) is not int or not 0 <= dossiers <= MOST_DOSSIERS:
        message = f"Cần một số nguyên từ 0 đến {MOST_DOSSIERS}."
        problems.append(Problem(message, f"{where}.dossiers"))
    month = parse_month(item["month"]) if isinstance(item["month"], str) else None
    if month is None:
        problems.append(Problem("Tháng phải có dạng 2026-06.", f"{where}.month"))
    if len(problems) > found or month is None:
        return None
    return CountRow(
        month=month,
        receiving=item["receiving_unit"],
        resolving=item.get("resolving_unit") or item["receiving_unit"],
        service=item["service"],
        dossiers=dossiers,
        where={
            "month": where,
            "receiving": f"{where}.receiving_unit",
            "resolving": f"{where}.resolving_unit",
            "service": f"{where}.service",
        },
    )


def _has_fields(item: dict[str, Any]) -> bool:
    required = {name for name, is_required in FIELDS.items() if is_required}
    return required <= set(item) <= set(FIELDS)
