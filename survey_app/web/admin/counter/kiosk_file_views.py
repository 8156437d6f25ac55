"""Sheets that a clerk exported from a kiosk: checked, then imported.

Officers use these pages too, for the collection points of the units in their charge.
"""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.intake.kiosk_file import (
    MOST_SHEETS,
    check_kiosk_sheets,
    draft_kiosk_sheets,
    import_kiosk_sheets,
    read_kiosk_file,
)
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.forms import ChosenOrSentAlong, FileForm
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, given_file
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import read_wish

#: Mistakes and refusals that are shown on a page.
MOST_SHOWN = 200


class KioskFileForm(FileForm):
    """Sheets that were exported from a kiosk."""

    file = FileField(
        "Tệp phiếu xuất từ kiosk", [ChosenOrSentAlong()], render_kw={"accept": ".json"}
    )


@blueprint.get("/kiosk-sheets")
def kiosk_sheets() -> ResponseReturnValue:
    return _page(KioskFileForm())


@blueprint.post("/kiosk-sheets")
def import_kiosk_file() -> ResponseReturnValue:
    """Check a file, or import it."""
    wish = read_wish("check", "import")
    form = KioskFileForm()
    if not form.validate():
        return _page(form)
    try:
        given = given_file(form)
        sheets = read_kiosk_file(given.content)
    except Invalid as refusal:
        return _page(form, refusal)
    moment = now()
    with database().session() as reader:  # before the turn to write is taken
        queue = draft_kiosk_sheets(reader, sheets, unit_ids=current_scope().unit_ids, now=moment)
    if wish == "check":
        return render_template(
            "admin/counter/kiosk_sheets_check.html",
            result=check_kiosk_sheets(current_session(), queue, now=moment),
            given=given,
            shown=MOST_SHOWN,
        )
    done = import_kiosk_sheets(current_session(), queue, now=moment, account=signed_in_account())
    words = f"Đã nhập {wording.count(done.new)} phiếu mới."
    if done.known:
        words += f" {wording.count(done.known)} phiếu đã có từ trước."
    if done.refused:
        words += f" {wording.count(len(done.refused))} phiếu bị từ chối."
    flash(f"{words} Hãy xóa tệp khỏi máy và thẻ nhớ.")
    return redirect(url_for("admin.kiosk_sheets"))


def _page(form: KioskFileForm, refusal: Invalid | None = None) -> ResponseReturnValue:
    page = render_template(
        "admin/counter/kiosk_sheets.html",
        form=form,
        refusal=refusal,
        shown=MOST_SHOWN,
        most_sheets=MOST_SHEETS,
        largest_megabytes=LARGEST_MEGABYTES,
    )
    return page, 422 if refusal or form.errors else 200
