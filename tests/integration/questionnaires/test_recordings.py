"""Recordings of questions: real audio only, kept apart from the frozen version, served for good."""

import hashlib
import io
import re
import wave

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.errors import Invalid, NotFound
from survey_app.operations.questionnaires.recordings import (
    LARGEST_BYTES,
    delete_recording,
    media_type_of,
    recordings_of,
    spoken_questions,
    store_recording,
)
from survey_app.storage.database import Database
from survey_app.storage.models import QuestionnaireVersion, Recording
from tests.factories import NOW, make_account, make_survey
from tests.integration.office import actions, csrf_token, plain, post, sign_in

QUESTION = "service.overall"


def tone(milliseconds: int = 20) -> bytes:
    """A WAV file as a recorder writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(8 * 2 * milliseconds))
    return file.getvalue()


@pytest.fixture
def version(session: Session) -> QuestionnaireVersion:
    return make_survey(session, document="one-stop-rating.yaml").version


@pytest.fixture
def admin(client: FlaskClient, database: Database) -> FlaskClient:
    with database.transaction() as session:
        make_account(session)
        make_survey(session, document="one-stop-rating.yaml")
    sign_in(client)
    return client


def store(session: Session, version: QuestionnaireVersion, **fields: object) -> Recording:
    values = {"question_code": QUESTION, "language": "vi", "content": tone()} | fields
    return store_recording(session, version, now=NOW, **values)  # type: ignore[arg-type]


# ── what is audio ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (tone(), "audio/wav"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\x00", "audio/mpeg"),  # MPEG-1 layer III, 128 kbit/s
        (b"\xff\xf3\x40\xc4\x00", "audio/mpeg"),  # MPEG-2 layer III
        (b"OggS\x00\x02", "audio/ogg"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "audio/mp4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "audio/webm"),
        (b"", None),
        (b"\xff\xfb", None),
        (b"\xff\xf1\x50\x80\x00", None),  # AAC without a container
        (b"\xff\xff\xff\xff\xff", None),
        (b"\xff\xfe<\x00h\x00", None),  # text in UTF-16
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", None),
        (b"\x00\x00\x00\x20ftypheic", None),
        (b"RIFF\x00\x00\x00\x00AVI LIST", None),
        (b"<svg onload=alert(1)>", None),
        (b"%PDF-1.7", None),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(content: bytes, kind: str | None) -> None:
    assert media_type_of(content) == kind


# ── keeping ───────────────────────────────────────────────────────────────────────────────────


def test_a_recording_is_found_by_question_and_language(
    session: Session, version: QuestionnaireVersion
) -> None:
    assert recordings_of(session, version.id) == {}
    store(session, version)
    english = store(session, version, language="en", content=tone(40))
    assert recordings_of(session, version.id) == {
        (QUESTION, "vi"): hashlib.sha256(tone()).hexdigest(),
        (QUESTION, "en"): english.digest,
    }
    spoken = {
        entry.question.code: set(entry.recordings) for entry in spoken_questions(session, version)
    }
    assert spoken.pop(QUESTION) == {"vi", "en"}
    assert not any(spoken.values())


def test_a_better_recording_replaces_the_first(
    session: Session, version: QuestionnaireVersion
) -> None:
    before = store(session, version).digest
    store(session, version, content=tone(60))
    (digest,) = recordings_of(session, version.id).values()
    assert digest != before
    assert len(session.scalars(select(Recording)).all()) == 1


def test_deleting_one_leaves_the_others(session: Session, version: QuestionnaireVersion) -> None:
    store(session, version)
    store(session, version, language="en")  # the same bytes
    delete_recording(session, version, question_code=QUESTION, language="vi", now=NOW)
    assert list(recordings_of(session, version.id)) == [(QUESTION, "en")]
    with pytest.raises(NotFound):
        delete_recording(session, version, question_code=QUESTION, language="vi", now=NOW)


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"question_code": "ghost"}, ["question"]),
        ({"language": "fr"}, ["language"]),
        ({"content": b"MZ\x90"}, ["file"]),
        ({"content": tone() + bytes(LARGEST_BYTES)}, ["file"]),
        (
            {"question_code": "ghost", "language": "fr", "content": b""},
            ["question", "language", "file"],
        ),
    ],
)
def test_what_cannot_be_kept_is_told(
    session: Session, version: QuestionnaireVersion, fields: dict[str, object], places: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        store(session, version, **fields)
    assert [problem.where for problem in caught.value.problems] == places
    assert recordings_of(session, version.id) == {}


def test_the_largest_file_is_kept(session: Session, version: QuestionnaireVersion) -> None:
    content = tone() + bytes(LARGEST_BYTES - len(tone()))
    assert store(session, version, content=content).size == LARGEST_BYTES


# ── serving ───────────────────────────────────────────────────────────────────────────────────


def test_a_recording_is_served_whole_or_in_part_and_kept_for_good(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        digest = store(
            session, make_survey(session, document="one-stop-rating.yaml").version
        ).digest
    address = f"/recordings/{digest}"
    answer = client.get(address)
    assert answer.data == tone()
    assert answer.mimetype == "audio/wav"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    part = client.get(address, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, tone()[4:10])


@pytest.mark.parametrize("digest", ["x", "0" * 64, "%00", "..%2f..%2fetc"])
def test_there_is_no_such_recording(client: FlaskClient, digest: str) -> None:
    assert client.get(f"/recordings/{digest}").status_code == 404


# ── pages ─────────────────────────────────────────────────────────────────────────────────────

PAGE = "/admin/questionnaires/1/recordings"


def send(client: FlaskClient, content: bytes, **fields: str) -> TestResponse:
    values = {"language": "vi", "question": QUESTION} | fields
    data = {
        "csrf_token": csrf_token(client, PAGE),
        **values,
        "file": (io.BytesIO(content), "a.wav"),
    }
    return client.post(PAGE, data=data)


def test_a_recording_is_sent_listened_to_and_deleted(
    admin: FlaskClient, database: Database
) -> None:
    assert f'href="{PAGE}"' in admin.get("/admin/questionnaires/1").text
    assert "Chưa có bản ghi âm nào" in plain(admin.get(PAGE))
    answer = send(admin, tone())
    assert answer.status_code == 302
    page = admin.get(answer.location)
    assert "Đã lưu bản ghi âm" in plain(page)
    assert "1 trong 8 câu" in plain(page)
    # The next question without a recording is chosen.
    assert re.search(r'<option selected value="visit.field">', page.text)
    (address,) = re.findall(r'<audio[^>]* src="([^"]+)"', page.text)
    assert admin.get(address).data == tone()
    assert post(admin, f"{PAGE}/{QUESTION}/vi/delete").status_code == 302
    assert "<audio" not in admin.get(PAGE).text
    assert admin.get(address).status_code == 404
    assert actions(database)[-2:] == ["recording.store", "recording.delete"]


@pytest.mark.parametrize("content", [b"", b"khong phai am thanh", tone() + bytes(LARGEST_BYTES)])
def test_a_file_that_is_no_audio_is_told_beside_the_field(
    admin: FlaskClient, content: bytes
) -> None:
    answer = send(admin, content, language="en", question="service.attitude")
    answer.request.environ["wsgi.input"].close()  # a file of the test client when it is large
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert re.search(r'<option selected value="service.attitude">', answer.text)
    assert re.search(r'<option selected value="en">', answer.text)
