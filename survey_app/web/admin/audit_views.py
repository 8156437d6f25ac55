"""The audit record: looked through, taken out, its chain checked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, StringField
from wtforms.validators import Optional

from survey_app.clock import local_date, start_of
from survey_app.errors import NotFound
from survey_app.operations.access.accounts import account_number
from survey_app.operations.audit import search
from survey_app.operations.audit.check import Check, check_chain, head_of
from survey_app.operations.audit.search import Wanted
from survey_app.operations.reports.documents import Document
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.forms import AdminForm, DayField
from survey_app.web.audit import note_taken
from survey_app.web.documents import attachment
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session, reading_session

#: Entries checked in one request; a longer chain is checked in steps, with a bar between them.
ENTRIES_A_STEP = 20_000
LONGEST_WORDS = 100
NO_ACCOUNT = "-"


class SearchForm(Form):  # type: ignore[misc]
    """What is looked for; it stands in the address, so a search can be kept and sent."""

    Meta = AdminForm.Meta

    person = StringField("Tài khoản", [Optional()])
    action = SelectField("Thao tác", [Optional()])
    subject = StringField("Đối tượng có chứa", [Optional()])
    since = DayField("Từ ngày", [Optional()])
    until = DayField("Đến hết ngày", [Optional()])

    def __init__(self) -> None:
        super().__init__(request.args)

    def offer(self, actions: Iterable[str]) -> Self:
        """The actions to choose from, in Vietnamese order."""
        titles = {code: wording.action(code) for code in actions}
        ordered = sorted(titles.items(), key=lambda pair: wording.sort_key(pair[1]))
        self.action.choices = [("", "Mọi thao tác"), *ordered]
        return self

    def wanted(self) -> Wanted | None:
        """None, with the mistakes in their fields, for what cannot be looked for."""
        if not self.validate():
            return None
        person = (self.person.data or "").strip()
        account_id = None
        if person == NO_ACCOUNT:
            account_id = 0
        elif person:
            account_id = account_number(current_session(), person)
            if account_id is None:
                self.person.errors = ["Không có tài khoản này."]
                return None
        subject = (self.subject.data or "").strip()[:LONGEST_WORDS] or None
        return Wanted(
            account_id=account_id,
            action=self.action.data or None,
            subject=subject,
            subject_account_id=subject and account_number(current_session(), subject),
            since=start_of(self.since.data) if self.since.data else None,
            until=_day_after(self.until.data) if self.until.data else None,
        )

    @property
    def filled(self) -> dict[str, str]:
        """The fields that are filled in, for addresses of this search."""
        return {name: value for name in self._fields if (value := request.args.get(name))}


@blueprint.get("/audit")
def audit() -> ResponseReturnValue:
    form = _search_form()
    wanted = form.wanted()
    before = request.args.get("before", type=parse_id)
    session = current_session()
    page = search.page_entries(session, wanted, before=before) if wanted else None
    rendered = render_template(
        "admin/audit.html",
        form=form,
        page=page,
        before=before,
        head=head_of(session),
        checked=search.last_check(session),
    )
    return rendered, 200 if wanted else 422


@blueprint.get("/audit/entries.<ending>")
def audit_document(ending: str) -> ResponseReturnValue:
    form = _search_form()
    wanted = form.wanted()
    if wanted is None or ending not in search.RENDERERS:
        raise NotFound("Không có tài liệu này.")
    data, count = search.render_entries(current_session(), wanted, ending)
    note_taken("audit.export", "", {"count": count, "form": ending, **_criteria(wanted)})
    mimetype = search.MIME_TYPES[ending]
    return attachment(Document(data, f"NhatKy_HaiLong.{ending}", mimetype))


@blueprint.post("/audit/check")
def check_audit() -> ResponseReturnValue:
    """One step of the check, which nobody has to wait for; the last one is put on record."""
    first = request.form.get("first", 0, type=parse_id)
    after = max(request.form.get("after", first, type=parse_id), first)
    found = check_chain(reading_session(), after=after, most=ENTRIES_A_STEP)
    if not found.goes_on:
        note_taken("audit.verify", "", _outcome(first, found))
    return render_template(
        "admin/audit_check.html",
        found=found,
        first=first,
        head=head_of(reading_session()),
        sentence=wording.break_sentence(found.what, found.broken_at or 0) if found.what else "",
    )


def _search_form() -> SearchForm:
    return SearchForm().offer(search.actions_there_are(current_session()))


def _criteria(wanted: Wanted) -> dict[str, object]:
    """What was looked for, with numbers for the names of accounts, as everywhere in the chain."""
    named = wanted.subject_account_id
    return {
        name: value
        for name, value in (
            ("account", wanted.account_id),
            ("action", wanted.action),
            ("subject", wanted.subject if named is None else named),
            ("since", wanted.since and local_date(wanted.since).isoformat()),
            ("until", wanted.until and local_date(wanted.until - timedelta(days=1)).isoformat()),
        )
        if value is not None
    }


def _outcome(first: int, found: Check) -> dict[str, object]:
    outcome: dict[str, object] = {
        "first": first + 1,
        "last": found.last.number,
        "hash": found.last.hash,
    }
    if found.what is not None:
        outcome |= {"broken_at": found.broken_at, "what": found.what.value}
    return outcome


def _day_after(day: date) -> datetime:
    return start_of(day + timedelta(days=1))
