"""One form beside a draft that others have saved since: what is to be decided, and what comes out.

What only one of two people changed is taken without a question. A matter is what both changed: a
field, a row or a part that one edited and the other deleted, a button about something that is no
longer what it was. Each is decided for one side, or written anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_app.questionnaire.definition import QuestionKind
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.merging import (
    Clash,
    Merged,
    follow,
    merge_fields,
    restore_choice,
    restore_part,
)
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.web.admin.editor.conflicts.addressing import (
    CHOICES,
    Form,
    Rows,
    form_of,
    new_codes,
    recoded,
    rows_of,
    saved_fields,
    split,
    typed_fields,
)
from survey_app.web.admin.editor.conflicts.carrying import Carried, Sides, carry
from survey_app.web.admin.editor.values import Values, has_part

#: Matters that are no field: a part that is gone, the button that was pressed.
THE_PART, THE_WISH = "part", "wish"
MINE, SAVED, ANEW = "mine", "saved", "anew"
_NOBODY_KNOWS = "Không còn biết trang của ông/bà được mở từ bản nào. Vẫn thực hiện thao tác đã bấm?"
#: Buttons that only add something: they mean the same on any draft.
_ADDS = frozenset(
    [f"add-{what}" for what in ("section", "scale", "language", "question", "row", "condition")]
    + ["save", "duplicate"]
)
_NO_ROWS: Rows = {"options": [], "levels": [], "condition": []}


@dataclass(frozen=True)
class Joint:
    """A form beside the draft as it is now.

    ``was``, ``place``: the part on the page and in the draft; ``seen``: the draft on the page, None
    where nobody knows it any more. ``rows``: rows that were edited here and deleted by others, as
    "options:khac"; ``lost``: what was typed and has no field any more; ``before``: the fields as
    they were on the page.
    """

    was: Place
    place: Place
    seen: Document | None
    saved: Document
    form: Form
    typed: Values
    merged: Merged
    rows: tuple[str, ...]
    lost: tuple[Clash, ...]
    carried: Carried
    before: Values = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return has_part(self.saved, self.place)

    @property
    def matters(self) -> tuple[str, ...]:
        """What has to be decided, by name; none where everything goes together."""
        if not self.is_there:
            return (THE_PART,) if self.seen is not None and self.lost else ()
        fields = [clash.name for clash in self.merged.clashes]
        return (*fields, *self.rows, *([THE_WISH] if self.carried.question else []))

    @property
    def is_settled(self) -> bool:
        """Whether nothing needs to be asked or shown."""
        return not self.matters and not self.lost


def join(form: Form, was: Place, seen: Document | None, saved_since: Sequence[Document]) -> Joint:
    """A form that was made from ``seen`` beside what was saved since, the draft in force last."""
    saved = saved_since[-1]
    place = follow(saved_since, was) if seen is not None else was
    wish = form.get("wish", "save")
    if not has_part(saved, place):
        return _without_part(form, was, seen, saved)
    now = saved_fields(saved, place)
    rows = rows_of(saved, place)
    if seen is None or not has_part(seen, was):
        typed = typed_fields(form, rows, place, now)
        merged = merge_fields(None, typed, now)
        is_asked = wish.partition(":")[0] not in _ADDS
        carried = Carried(wish, _NOBODY_KNOWS if is_asked else "")
        return Joint(was, place, None, saved, form, typed, merged, (), (), carried)
    codes = new_codes([seen, *saved_since], was)
    before = saved_fields(seen, was)
    typed = typed_fields(form, rows_of(seen, was), was, before)
    typed, before = recoded(typed, codes), recoded(before, codes)
    merged = _with_kind(merge_fields(before, typed, now), before, typed, now)
    gone = [clash for clash in merged.clashes if clash.saved is None]
    open_rows = dict.fromkeys(_row_of(clash.name) for clash in gone)
    can_restore = [row for row in open_rows if row and _takes_rows(place, now)]
    lost = tuple(clash for clash in gone if _row_of(clash.name) not in can_restore)
    clashes = tuple(clash for clash in merged.clashes if clash.saved is not None)
    carried = carry(wish, Sides(seen, saved, was, place, codes))
    merged = replace(merged, clashes=clashes)
    rows_gone = tuple(can_restore)
    return Joint(was, place, seen, saved, form, typed, merged, rows_gone, lost, carried, before)


def outcome(
    joint: Joint, side: Mapping[str, str], words: Mapping[str, str]
) -> tuple[Document, Form]:
    """The draft to which the form is applied, and the form, after every matter was decided.
    ``words``: what is written anew instead of either side."""
    document, values = joint.saved, dict(joint.merged.values)
    if not joint.is_there and joint.seen is not None:
        document = restore_part(document, joint.seen, joint.was)
        values = {**saved_fields(document, joint.place), **joint.typed}
    for clash in joint.merged.clashes:
        if side[clash.name] == MINE:
            values[clash.name] = clash.mine
        elif side[clash.name] == ANEW:
            values[clash.name] = (words.get(clash.name, ""),)
    for row in joint.rows:
        if side[row] == MINE and joint.seen is not None:
            places, code = (joint.was, joint.place), row.partition(":")[2]
            document = restore_choice(document, joint.seen, places, code)
            whole = {**saved_fields(document, joint.place), **joint.typed}
            values |= {key: held for key, held in whole.items() if _row_of(key) == row}
    wish = joint.carried.wish
    if joint.carried.question and side[THE_WISH] != MINE:
        wish = "save"
    form = form_of(joint.form, values if joint.typed else {}, rows_of(document, joint.place))
    form["wish"] = wish
    return document, form


def _without_part(form: Form, was: Place, seen: Document | None, saved: Document) -> Joint:
    """Of a part that somebody deleted: all that was typed waits for whether it is to come back."""
    before = saved_fields(seen, was) if seen is not None and has_part(seen, was) else None
    rows = rows_of(seen, was) if seen is not None and before is not None else _NO_ROWS
    typed = typed_fields(form, rows, was, before) if before is not None else _plain(form)
    changed = [name for name in typed if before is None or typed[name] != before.get(name)]
    is_removed = form.get("wish") == "remove"  # as both wanted it
    changed = [] if is_removed else changed
    lost = tuple(Clash(name, (before or {}).get(name), typed[name], None) for name in changed)
    carried = Carried(form.get("wish", "save"))
    merged = Merged({}, (), (), ())
    known = seen if before is not None else None
    return Joint(was, was, known, saved, form, typed, merged, (), lost, carried)


def _plain(form: Form) -> Values:
    """What was typed into a part that nobody knows any more."""
    silent = ("wish", "flags", "csrf_token", "revision")
    return {
        name: tuple(held)
        for name, held in form.lists()
        if name not in silent and not name.endswith("-was")
    }


def _with_kind(merged: Merged, seen: Values, typed: Values, saved: Values) -> Merged:
    """Another kind of question does away with the options that somebody else has edited: that is
    asked, too."""
    if "kind" not in merged.mine or not any(map(_row_of, merged.theirs)):
        return merged
    kind = Clash("kind", seen["kind"], typed["kind"], saved["kind"])
    return replace(
        merged,
        values={**merged.values, "kind": saved["kind"]},
        clashes=(kind, *merged.clashes),
        mine=tuple(name for name in merged.mine if name != "kind"),
    )


def _row_of(name: str) -> str:
    """The row of options or levels that a field belongs to, as "options:khac"."""
    parts = split(name)
    return f"{parts[0]}:{parts[1]}" if parts and parts[0] in CHOICES else ""


def _takes_rows(place: Place, values: Values) -> bool:
    kinds = (QuestionKind.SINGLE.value, QuestionKind.MULTIPLE.value)
    return place.part is Part.SCALE or values.get("kind", ("",))[0] in kinds
