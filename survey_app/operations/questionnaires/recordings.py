"""Recordings: questions read aloud by somebody, one audio file for a question and a language.

A page that wants to offer them asks :func:`recordings_of` once for its version and plays
``/recordings/<digest>`` (address ``recordings.recording``). A digest always stands for the same
bytes, so browsers and service workers may keep them for good; a recording that is replaced gets
another address. A question that is not in the mapping has no recording.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import changed, record, snapshot
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.definition import Question
from survey_app.storage.models import QuestionnaireVersion
from survey_app.storage.models import Recording as Recording
from survey_app.storage.queries import recordings as queries
from survey_app.storage.races import looks_again

LARGEST_BYTES = 2 * 1024 * 1024
_HEAD = 64  # bytes that tell what a file is
_WEBM = b"\x1a\x45\xdf\xa3"
_M4A_BRANDS = frozenset({b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"dash"})


@dataclass(frozen=True)
class SpokenQuestion:
    """A question of a version and its recordings, by language."""

    question: Question
    recordings: Mapping[str, Recording]


def recordings_of(session: Session, version_id: int) -> dict[tuple[str, str], str]:
    """(question code, language) → digest, which names the recording's address."""
    found = queries.version_recordings(session, version_id)
    return {(row.question_code, row.language): row.digest for row in found}


def spoken_questions(session: Session, version: QuestionnaireVersion) -> Sequence[SpokenQuestion]:
    """Every question of a version, in its order, with what was recorded of it."""
    by_question: dict[str, dict[str, Recording]] = {}
    for row in queries.version_recordings(session, version.id):
        by_question.setdefault(row.question_code, {})[row.language] = row
    return [
        SpokenQuestion(question, by_question.get(question.code, {}))
        for question in load_questionnaire(version).questions
    ]


def find_recording(session: Session, digest: str) -> Recording:
    """The recording with this content; raises NotFound."""
    found = queries.recording_by_digest(session, digest)
    if found is None:
        raise NotFound("Không có bản ghi âm này.")
    return found


@looks_again
def store_recording(
    session: Session,
    version: QuestionnaireVersion,
    *,
    question_code: str,
    language: str,
    content: bytes,
    now: datetime,
    account: Account | None = None,
) -> Recording:
    """Keep the recording of a question in a language, in place of an earlier one.

    Raises Invalid: no such question or language, no audio file, too large.
    """
    questionnaire = load_questionnaire(version)
    problems = []
    if question_code not in questionnaire:
        problems.append(Problem("Bộ câu hỏi không có câu hỏi này.", "question"))
    if language not in questionnaire.languages:
        problems.append(Problem("Bộ câu hỏi không có ngôn ngữ này.", "language"))
    if len(content) > LARGEST_BYTES:
        message = f"Tệp lớn hơn {LARGEST_BYTES // 1024**2} MB; hãy ghi âm ngắn hơn hoặc nén thêm."
        problems.append(Problem(message, "file"))
    media_type = media_type_of(content)
    if media_type is None:
        message = "Tệp không phải âm thanh MP3, Ogg, M4A, WebM hoặc WAV."
        problems.append(Problem(message, "file"))
    if problems or media_type is None:
        raise Invalid("Chưa lưu được bản ghi âm.", problems)
    row = queries.recording(session, version.id, question_code, language)
    if row is None:
        row = Recording(version_id=version.id, question_code=question_code, language=language)
        session.add(row)
    before = snapshot(row, "digest")
    row.digest = hashlib.sha256(content).hexdigest()
    row.media_type, row.size, row.content = media_type, len(content), content
    session.flush()
    subject = f"{version.name} {question_code} {language}"
    detail = changed(before, snapshot(row, "digest"))
    record(session, "recording.store", now=now, account=account, subject=subject, detail=detail)
    return row


def delete_recording(
    session: Session,
    version: QuestionnaireVersion,
    *,
    question_code: str,
    language: str,
    now: datetime,
    account: Account | None = None,
) -> None:
    """Raises NotFound when there is none."""
    row = queries.recording(session, version.id, question_code, language)
    if row is None:
        raise NotFound("Không có bản ghi âm này.")
    session.delete(row)
    session.flush()
    subject = f"{version.name} {question_code} {language}"
    record(session, "recording.delete", now=now, account=account, subject=subject)


def media_type_of(content: bytes) -> str | None:
    """What kind of audio a file is, by its own first bytes; None = no kind that browsers play.

    Signatures: ID3v2 and MPEG-1/2 layer III frames (ISO/IEC 11172-3 and 13818-3), Ogg (RFC 3533),
    the ftyp box of ISO/IEC 14496-12, EBML with the document type webm (RFC 8794), RIFF with WAVE.
    """
    head = content[:_HEAD]
    if head.startswith(b"ID3") or _is_layer_three(head):
        return "audio/mpeg"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head[4:8] == b"ftyp" and head[8:12] in _M4A_BRANDS:
        return "audio/mp4"
    if head.startswith(_WEBM) and b"webm" in head:
        return "audio/webm"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    return None


def _is_layer_three(head: bytes) -> bool:
    """Eleven set bits, then not the reserved version, and layer III."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    is_known_version = head[1] & 0x18 != 0x08
    is_known_rate = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return is_known_version and head[1] & 0x06 == 0x02 and is_known_rate
