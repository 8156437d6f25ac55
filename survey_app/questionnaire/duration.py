"""How long answering takes: an estimate from the words to read and the kinds of question.

seconds = syllables to read / reading speed + time to choose, over all questions asked.

Vietnamese is written syllable by syllable, so syllables are what stands between blanks. Adults
read silently at about 238 English words a minute (Brysbaert 2019, Journal of Memory and Language
109, 104047), roughly 5.5 syllables a second; older people and readers of a foreign script are
markedly slower, and people stand at a counter: READING_SPEED is set well below. The times to
choose are this platform's own assumptions. Both are for planning; what a survey really took is
measured with each sheet.
"""

from collections.abc import Mapping
from typing import Any

from survey_app.questionnaire.definition import QuestionKind
from survey_app.questionnaire.editing.choices import choices_of
from survey_app.questionnaire.editing.document import questions_of, sections_of, spoken

READING_SPEED = 3.5  # syllables a second

#: Seconds to find the answer and give it, after reading.
ANSWERING: Mapping[str, float] = {
    QuestionKind.SCALE: 2.5,
    QuestionKind.SINGLE: 3.0,
    QuestionKind.MULTIPLE: 6.0,
    QuestionKind.NUMBER: 6.0,
    QuestionKind.TEXT: 15.0,  # most leave it empty, some write a sentence
}


def estimate_seconds(document: Mapping[str, Any]) -> float:
    """Seconds to answer every question, those under a condition too: the longest way through.

    A section's introduction and a scale are read once, where they first appear.
    """
    seconds = _reading(document.get("introduction"))
    seconds += sum(_reading(section.get("introduction")) for section in sections_of(document))
    known_scales: set[str] = set()
    for _, question in questions_of(document):
        seconds += _reading(question.get("text")) + _reading(question.get("hint"))
        seconds += ANSWERING[question["kind"]]
        if question.get("scale", "") not in known_scales:
            seconds += sum(_reading(o.get("label")) for o in choices_of(document, question))
        known_scales |= {question["scale"]} if "scale" in question else set()
    return seconds


def _reading(text: Mapping[str, str] | None) -> float:
    return len(spoken(text).split()) / READING_SPEED
