"""The page on which somebody with the paper in hand says which keying is right."""

from dataclasses import dataclass

from survey_app.operations.paper.keying_decisions import NEITHER, ONE, OTHER, Disagreement, Ruling
from survey_app.questionnaire.answers import Answer
from survey_app.questionnaire.codebook import not_applicable_label
from survey_app.questionnaire.definition import NOT_APPLICABLE, Question
from survey_app.questionnaire.keying import answer_keys
from survey_app.web.admin.paper.entry_page import field_id

NOTHING = "Để trống"


@dataclass(frozen=True)
class Doubt:
    """One question in doubt. ``choices``: (wish, words), the two keyings; ``keys``: all keys of
    the question with their labels, for what else the paper may say."""

    code: str
    id: str
    place: int
    text: str
    choices: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    wish: str
    typed: str

    @property
    def other(self) -> str:
        """The wish that goes with the field of keys."""
        return NEITHER


def doubt(item: Disagreement, ruling: Ruling) -> Doubt:
    """The question with what was chosen so far."""
    question, labels = item.question, _labels(item.question)
    return Doubt(
        code=question.code,
        id=field_id(question.code),
        place=item.place,
        text=str(question.text),
        choices=tuple(
            (wish, _words(question, answer))
            for wish, answer in zip((ONE, OTHER), item.answers, strict=True)
        ),
        keys=tuple((key, labels[code]) for code, key in answer_keys(question).items()),
        wish=ruling.wish,
        typed=ruling.typed,
    )


def _labels(question: Question) -> dict[str, str]:
    labels = {option.code: str(option.label) for option in question.choices}
    return labels | {NOT_APPLICABLE: str(not_applicable_label(question))}


def _words(question: Question, answer: Answer | None) -> str:
    """An answer with its keys: "4 – Hài lòng"."""
    if answer is None:
        return NOTHING
    labels, keys = _labels(question), answer_keys(question)
    chosen = [answer] if isinstance(answer, str) else list(answer)
    return "; ".join(f"{keys[code]} – {labels[code]}" if code in keys else code for code in chosen)
