"""The questionnaires that come with the product: documents in a folder beside the package.

A new house begins with one of them as a draft, which its people read and change before publishing.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from survey_app.errors import NotFound
from survey_app.questionnaire.parsing import parse_questionnaire

FOLDER = Path(__file__).parents[3] / "questionnaires"


@dataclass(frozen=True)
class SuppliedQuestionnaire:
    """A document that comes with the product; ``source`` is its YAML."""

    code: str
    title: str
    questions: int
    source: str


@cache
def supplied_questionnaires() -> tuple[SuppliedQuestionnaire, ...]:
    """The fullest first; read once for as long as the program runs."""
    found = (_read(path) for path in sorted(FOLDER.glob("*.yaml")))
    return tuple(sorted(found, key=lambda supplied: -supplied.questions))


def supplied_questionnaire(code: str) -> SuppliedQuestionnaire:
    """Raises NotFound."""
    for supplied in supplied_questionnaires():
        if supplied.code == code:
            return supplied
    raise NotFound("Phần mềm không có bộ câu hỏi mẫu này.")


def _read(path: Path) -> SuppliedQuestionnaire:
    source = path.read_text(encoding="utf-8")
    questionnaire = parse_questionnaire(source)
    count = len(questionnaire.questions)
    return SuppliedQuestionnaire(questionnaire.code, str(questionnaire.title), count, source)
