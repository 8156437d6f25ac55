"""The fingerprint of a questionnaire: equal content, equal fingerprint, whatever the layout."""

import hashlib
import json

from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import to_document


def fingerprint(questionnaire: Questionnaire) -> str:
    """SHA-256 over the document's canonical JSON, as 64 hexadecimal digits.

    Comments, layout and the order of keys leave no trace; the order of sections, questions and
    answers, and every word of every language, do.
    """
    canonical = json.dumps(
        to_document(questionnaire), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
