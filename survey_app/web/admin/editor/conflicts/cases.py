"""What was typed upon an older draft, as a case to decide: a part of the draft, or its translation.

Every case says what there is to decide, what goes together by itself, what has no place any more;
and saves itself once everything is decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from werkzeug.datastructures import MultiDict

from survey_app.errors import Conflict, Invalid, Problem
from survey_app.i18n import vietnamese_name
from survey_app.operations.questionnaires import attempts, drafts
from survey_app.operations.questionnaires.attempts import Chosen, QuestionnaireDraftAttempt
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.translating import (
    Merge,
    merge_translations,
    set_translations,
    texts_to_translate,
)
from survey_app.web.admin.editor.conflicts.addressing import Form
from survey_app.web.admin.editor.conflicts.conflict import (
    Matter,
    field_matter,
    lost_of,
    matters_of,
    told_changes,
    with_choice,
)
from survey_app.web.admin.editor.conflicts.joining import ANEW, MINE, Joint, join, outcome
from survey_app.web.admin.editor.page import TRANSLATION, names_of, outline_of
from survey_app.web.admin.editor.reading import Edited, edit
from survey_app.web.admin.editor.saving import save_edit
from survey_app.web.admin.editor.translation_page import Labels
from survey_app.web.admin.editor.values import read_place
from survey_app.web.transactions import current_session

NOT_CHOSEN = "Chọn một trong các cách."
TWO_ANSWERS = "Ông/bà đã viết lại ở ô này nhưng chọn bản khác; chọn “Viết lại” hoặc xóa trắng ô đó."

LANGUAGE_GONE = "Người khác đã bỏ ngôn ngữ này khỏi bản thảo nên không còn chỗ để lưu bản dịch."

Told = list[tuple[str, str]]


@dataclass(frozen=True)
class PartCase:
    """A form of one part."""

    joint: Joint

    @property
    def place(self) -> Place | None:
        return self.joint.place if self.joint.is_there else None

    @property
    def mine(self) -> Told:
        return told_changes(self.joint, self.joint.merged.mine)

    @property
    def theirs(self) -> Told:
        return told_changes(self.joint, self.joint.merged.theirs)

    @property
    def lost(self) -> Told:
        return lost_of(self.joint)

    @property
    def told(self) -> str:
        return self.joint.carried.told

    @property
    def can_be_saved(self) -> bool:
        return self.joint.is_there or bool(self.joint.matters)

    def matters(self) -> tuple[Matter, ...]:
        return matters_of(self.joint)

    def save(self, draft: QuestionnaireDraft, chosen: Chosen, remark: str = "") -> Edited:
        """Raises Outdated and Invalid."""
        document, form = outcome(self.joint, chosen.side, chosen.words)
        place = self.joint.place
        return save_edit(draft.id, draft.revision, lambda _: edit(document, place, form), remark)

    def leaves_all(self, chosen: Chosen) -> bool:
        """Whether what is saved stays as it is, and the part is not there."""
        return not self.joint.is_there and MINE not in chosen.side.values()


@dataclass(frozen=True)
class TranslationCase:
    """The form of the page on which a draft is translated."""

    language: str
    document: Document
    merge: Merge
    place: None = None
    theirs: tuple[()] = ()
    told: str = ""
    seen: Document | None = None

    @property
    def can_be_saved(self) -> bool:
        return self.language in self.document["languages"]

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        former = _labels(self.seen, self.language) if self.seen else {}
        return {**former, **_labels(self.document, self.language)}

    @property
    def mine(self) -> Told:
        return [(self._labels[name], text) for name, text in self.merge.changes.items()]

    @property
    def lost(self) -> Told:
        return [
            (self._labels.get(one.name, one.name), one.mine[0])
            for one in self.merge.clashes
            if one.saved is None
        ]

    def matters(self) -> tuple[Matter, ...]:
        return tuple(
            field_matter(clash, self._labels[clash.name], self.document, self.language)
            for clash in self.merge.clashes
            if clash.saved is not None
        )

    def save(self, draft: QuestionnaireDraft, chosen: Chosen, remark: str = "") -> Edited:
        """Raises Outdated, and Conflict for a language that the draft no longer has."""
        if not self.can_be_saved:
            raise Conflict(LANGUAGE_GONE)
        changes = dict(self.merge.changes)
        for clash in self.merge.clashes:
            side = chosen.side.get(clash.name)
            if side in (MINE, ANEW):
                anew = chosen.words.get(clash.name, "")
                changes[clash.name] = clash.mine[0] if side == MINE else anew
        said = f"Đã lưu {len(changes)} bản dịch {vietnamese_name(self.language)}."

        def act(document: Document) -> Edited:
            changed = set_translations(document, self.language, changes)
            return Edited(changed, Place(Part.GENERAL), said, language=self.language)

        state = f"{TRANSLATION}{self.language}"
        return save_edit(draft.id, draft.revision, act, remark, state)

    def leaves_all(self, _chosen: Chosen) -> bool:
        return False


Case = PartCase | TranslationCase


def case_of(
    draft: QuestionnaireDraft, attempt: QuestionnaireDraftAttempt, shown: Document | None = None
) -> Case:
    """What was kept beside the draft as it is now, or as it was ``shown``."""
    form: Form = MultiDict(list(attempts.typed_form(attempt)))
    seen, saved = attempts.seen_document(attempt), shown or draft.document
    if attempt.place.startswith(TRANSLATION):
        return translation_case(form, attempt.place.removeprefix(TRANSLATION), seen, saved)
    since = drafts.documents_since(current_session(), draft, attempt.revision)
    return PartCase(join(form, read_place(attempt.place), seen, [*since[:-1], saved]))


def translation_case(
    form: Form, language: str, seen: Document | None, saved: Document
) -> TranslationCase:
    typed = {name: text for name, text in form.items() if "/" in name}
    return TranslationCase(
        language, saved, merge_translations(seen, saved, language, typed), seen=seen
    )


def _labels(document: Document, language: str) -> dict[str, str]:
    """What each text of a draft is called, by its name."""
    outline = outline_of(document)
    labels, names = Labels(outline), names_of(outline)
    texts = texts_to_translate(document, language)
    return {text.name: f"{names[str(text.place)]} – {labels.of(text)}" for text in texts}


def shown_matters(case: Case, chosen: Chosen, errors: Mapping[str, str]) -> tuple[Matter, ...]:
    """What there is to decide, with what has been chosen so far."""
    return tuple(with_choice(matter, chosen, errors) for matter in case.matters())


def still_chosen(case: Case, shown: Case | None, chosen: Chosen) -> Chosen:
    """The choices that stand: of matters that read as they did when they were chosen."""
    if shown is None:
        return replace(chosen, side={})
    former = {matter.name: matter for matter in shown.matters()}
    same = {matter.name for matter in case.matters() if former.get(matter.name) == matter}
    return replace(chosen, side={name: side for name, side in chosen.side.items() if name in same})


def require_choices(case: Case, chosen: Chosen) -> None:
    """Raises Invalid with everything that has not been decided, or in two ways."""
    problems = []
    for matter in case.matters():
        side, words = chosen.side.get(matter.name), chosen.words.get(matter.name, "")
        if side not in [value for value, _ in matter.choices]:
            problems.append(Problem(NOT_CHOSEN, matter.name))
        elif side != ANEW and words.strip() not in ("", matter.anew):
            problems.append(Problem(TWO_ANSWERS, matter.name))
    if problems:
        raise Invalid("Chưa lưu: còn chỗ chưa quyết định.", problems)
