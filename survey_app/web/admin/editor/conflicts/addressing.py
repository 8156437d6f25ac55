"""Fields of the editor's forms under names that outlive a changed order.

A form counts its rows: ``options-2-label-en`` is the third option's label. Where two people work at
once the third is another one for each of them: rows go by their codes, ``options:khac:label-en``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from werkzeug.datastructures import MultiDict

from survey_app.questionnaire.editing.document import Document, clean_text
from survey_app.questionnaire.editing.merging import entry_of, follow, renamed
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.web.admin.editor.values import Values, has_part, values_of

Form = MultiDict[str, str]
#: The codes of the rows of a part as they stand, by what the rows are.
Rows = Mapping[str, Sequence[str]]

#: What opens the rows of a part: options, levels, conditions.
CHOICES = ("options", "levels")
_COUNTED = re.compile(r"(options|levels|condition)-([0-9]{1,4})-([a-z].*)")
_FLAGS = {Part.QUESTION: ("required", "not_applicable"), Part.SECTION: ("factor",)}


def rows_of(document: Document, place: Place) -> Rows:
    """Options and levels by their codes; conditions by the question they are about."""
    entry = entry_of(document, place)
    often: Counter[str] = Counter()
    conditions = []
    for condition in entry.get("ask_when", []):
        about = condition["question"]
        often[about] += 1
        conditions.append(f"{about}~{often[about]}")
    found = {name: [choice["code"] for choice in entry.get(name, [])] for name in CHOICES}
    return {**found, "condition": conditions}


def new_codes(states: Sequence[Document], place: Place) -> dict[str, dict[str, str]]:
    """Rows of a part that somebody has given another code since, by the code that they had in the
    first of some saved states. State by state, as ``follow`` does: between the first and the last
    a row may have been removed and another one added where it stood."""
    found: dict[str, dict[str, str]] = {name: {} for name in CHOICES}
    for before, after in pairwise(states):
        was, place = place, follow((before, after), place)
        if not (has_part(before, was) and has_part(after, place)):
            continue
        former, later = rows_of(before, was), rows_of(after, place)
        for name, codes in found.items():
            step = renamed(former[name], later[name])
            known = {*codes, *codes.values()}
            codes |= {old: step.get(code, code) for old, code in codes.items()}
            codes |= {old: new for old, new in step.items() if old not in known}
    return found


def saved_fields(document: Document, place: Place) -> Values:
    """The fields of a part as they stand in a draft. Raises NotFound."""
    return _by_code(values_of(document, place), rows_of(document, place))


def typed_fields(form: Form, rows: Rows, place: Place, known: Iterable[str]) -> Values:
    """The fields that a form holds, of those that are ``known``; boxes without a tick included,
    which a browser does not send. ``rows``: of the draft that the form was made from."""
    sent: Rows = {**rows, **{name: _sent_rows(form, name) for name in CHOICES}}
    values = {name: tuple(map(clean_text, held)) for name, held in form.lists()}
    if "flags" in form:
        names = ("satisfied",) if place.part is Part.SCALE else _FLAGS.get(place.part, ())
        values = {**dict.fromkeys(names, ()), **values}
    for number in range(len(rows["condition"])):
        if f"condition-{number}-negated" in form:
            values.setdefault(f"condition-{number}-is", ())
    wanted = set(known)
    return {name: held for name, held in _by_code(values, sent).items() if name in wanted}


def form_of(sent: Form, values: Values, rows: Rows) -> Form:
    """What ``sent`` would be, had its page been opened on the draft as it is now: with ``values``
    in its fields, and ``rows`` of that draft."""
    form: Form = MultiDict()
    for name, typed in sent.lists():
        if not _COUNTED.fullmatch(name) and name != "satisfied":
            form.setlist(name, typed)
    for name in CHOICES:
        for place, code in enumerate(rows[name]):
            form[f"{name}-{place}-was"] = code
    for name, held in values.items():
        found = split(name)
        if found is None:
            form.setlist(name, [*held])
        elif found[2] == "satisfied":
            form.setlist("satisfied", [*form.getlist("satisfied"), *([found[1]] if held else [])])
        elif found[1] in rows[found[0]]:
            form.setlist(counted(name, rows), [*held])
    return form


def split(name: str) -> tuple[str, str, str] | None:
    """What sort of row, its code and the rest of a name, None for a field outside of rows."""
    head, _, rest = name.partition(":")
    code, _, field = rest.rpartition(":")
    return (head, code, field) if field else None


def counted(name: str, rows: Rows) -> str:
    """The name as a form has it: "options:khac:label-en" → "options-2-label-en"."""
    found = split(name)
    if found is None or found[1] not in rows[found[0]]:
        return name
    return f"{found[0]}-{rows[found[0]].index(found[1])}-{found[2]}"


def recoded(values: Values, codes: Mapping[str, Mapping[str, str]]) -> Values:
    """The fields of rows under the codes that somebody else has given them."""
    found = {}
    for name, held in values.items():
        parts = split(name)
        code = codes.get(parts[0], {}).get(parts[1]) if parts else None
        found[f"{parts[0]}:{code}:{parts[2]}" if parts and code else name] = held
    return found


def _by_code(values: Values, rows: Rows) -> Values:
    found: Values = {}
    for name, held in values.items():
        parts = _COUNTED.fullmatch(name)
        if name == "satisfied":
            ticked = {code: ("1",) if code in held else () for code in rows["levels"]}
            found |= {f"levels:{code}:{name}": tick for code, tick in ticked.items()}
        elif not parts:
            found[name] = held
        elif int(parts[2]) < len(rows[parts[1]]):
            code = rows[parts[1]][int(parts[2])]
            found[f"{parts[1]}:{code}:{parts[3]}"] = tuple(sorted(held))
    return found


def _sent_rows(form: Form, name: str) -> list[str]:
    found: list[str] = []
    while (was := form.get(f"{name}-{len(found)}-was")) is not None:
        found.append(was)
    return found
