"""Questions taken over from a published questionnaire, with the scale they need."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from survey_app.questionnaire.editing.choices import texts_of
from survey_app.questionnaire.editing.codes import free_code, question_codes
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.parts import find_question, insert_question


def borrow_question(
    document: Document,
    section_code: str,
    lender: Mapping[str, Any],
    code: str,
    *,
    after: str | None = None,
) -> tuple[Document, str]:
    """The question ``code`` of the document ``lender`` in a section of the draft.

    It keeps its code, so that results can be joined over the years, unless the draft has one like
    it. Its scale comes along, under another code where the draft's own says something else; texts
    in languages that the draft does not speak stay behind, and so do its conditions: they are
    about questions of the other document.
    """
    _, found = find_question(lender, code)
    question = deepcopy(found)
    question.pop("ask_when", None)
    question["code"] = free_code(code, question_codes(document))
    changed = deepcopy(document)
    if "scale" in question:
        scale = _spoken(lender["scales"][question["scale"]], document["languages"])
        question["scale"] = _scale_code(changed, question["scale"], scale)
    question = _spoken(question, document["languages"])
    return insert_question(changed, section_code, question, after=after), question["code"]


def _scale_code(document: Document, code: str, scale: Document) -> str:
    """Where the scale is in the draft, put in if need be."""
    scales = document.setdefault("scales", {})
    same = [known for known, own in scales.items() if _meaning(own) == _meaning(scale)]
    if same:
        return code if code in same else same[0]
    new = free_code(code, scales)
    scales[new] = scale
    return new


def _meaning(scale: Mapping[str, Any]) -> object:
    """What makes two scales the same: levels, what counts as satisfied, the Vietnamese labels."""
    levels = [(o["code"], o.get("label", {}).get("vi")) for o in scale.get("levels", [])]
    return levels, scale.get("satisfied")


def _spoken(part: Mapping[str, Any], languages: list[str]) -> Document:
    """A part of a document in the given languages only."""
    found = deepcopy(dict(part))
    for text in texts_of({"sections": [{"questions": [found]}], "scales": {"": found}}):
        for language in set(text) - set(languages):
            del text[language]
    return found
