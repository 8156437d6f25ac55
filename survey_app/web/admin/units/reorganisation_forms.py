"""Forms of the pages that reorganise units."""

from flask_wtf.file import FileField
from wtforms import FieldList, Form, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from survey_app.operations.organisation.reorganisation import (
    LONGEST_BASIS,
    EventKind,
    Reorganisation,
    Successor,
)
from survey_app.unit_import import LONGEST_CODE
from survey_app.web.admin import wording
from survey_app.web.admin.forms import (
    SPREADSHEETS,
    AdminForm,
    ChosenOrSentAlong,
    DayField,
    FileForm,
    at_most,
    required,
)

FEWEST_PARTS, MOST_PARTS = 2, 20
#: Fields that cannot stay empty, by what is done; the operation says so in its own words.
NEEDED = {
    EventKind.MERGE: ("after",),
    EventKind.MOVE: ("parent_code",),
}


def _kind_choices() -> dict[str, str]:
    return {"": "Giữ như đơn vị cũ", **wording.unit_kind_choices()}


class PartForm(Form):  # type: ignore[misc]
    """One of the units that a split leaves."""

    code = StringField("Mã", [Optional(), at_most(LONGEST_CODE)])
    name = StringField("Tên", [Optional(), at_most(200)])
    kind = SelectField("Loại", [Optional()], choices=_kind_choices)


class ReorganisationForm(AdminForm):
    """One reorganisation; which fields are asked depends on its kind."""

    happened_on = DayField("Ngày có hiệu lực", [required("Nhập ngày có hiệu lực.")])
    legal_basis = StringField(
        "Căn cứ pháp lý", [required("Nhập căn cứ pháp lý."), at_most(LONGEST_BASIS)]
    )
    before = TextAreaField(
        "Mã đơn vị được sắp xếp", [required("Nhập mã đơn vị được sắp xếp."), at_most(4000)]
    )
    after = StringField("Mã đơn vị sau sắp xếp", [Optional(), at_most(LONGEST_CODE)])
    name = StringField("Tên mới", [Optional(), at_most(200)])
    unit_kind = SelectField("Loại đơn vị", [Optional()], choices=_kind_choices)
    parent_code = StringField("Mã đơn vị cấp trên", [Optional(), at_most(LONGEST_CODE)])
    parts = FieldList(FormField(PartForm), min_entries=FEWEST_PARTS, max_entries=MOST_PARTS)

    def mark_needed(self, kind: EventKind) -> None:
        """Let the page call needed what is, of the fields that this kind of change has."""
        for name in NEEDED.get(kind, ()):
            self[name].flags.required = True
        if kind is EventKind.SPLIT:
            for entry in self.parts.entries[:FEWEST_PARTS]:
                entry.form.code.flags.required = True

    def plan(self, kind: EventKind) -> Reorganisation:
        """What was filled in, as a plan; its mistakes name the fields of this form."""
        before = _codes(self.before.data)
        where = {"kind": "unit_kind"}
        if kind is EventKind.SPLIT:
            # No one field holds these; they stand above the form.
            where = dict.fromkeys(("after", "name", "kind", "parent_code"), "")
        return Reorganisation(
            kind,
            self.happened_on.data,
            self.legal_basis.data or "",
            before,
            self._successors(kind, before),
            where,
        )

    def _successors(self, kind: EventKind, before: tuple[str, ...]) -> tuple[Successor, ...]:
        if kind is EventKind.ABOLISH:
            return ()
        if kind is EventKind.SPLIT:
            rows = (entry.form for entry in self.parts)
            found = ((_code(r.code.data), r.name.data or "", r.kind.data or "") for r in rows)
            return tuple(Successor(*row) for row in found if any(row))
        code = _code(self.after.data) if kind is EventKind.MERGE else "".join(before[:1])
        successor = Successor(
            code, self.name.data or "", self.unit_kind.data or "", _code(self.parent_code.data)
        )
        return (successor,) if code else ()


class ReorganisationFileForm(FileForm):
    """A list of reorganisations as a file."""

    file = FileField("Tệp danh sách sắp xếp", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


def _code(text: str | None) -> str:
    return (text or "").strip().upper()


def _codes(text: str | None) -> tuple[str, ...]:
    words = _code(text).replace(",", " ").replace(";", " ").split()
    return tuple(dict.fromkeys(words))
