"""Recordings of questions: uploaded by administrators, listened to, replaced, deleted."""

from collections.abc import Sequence
from typing import Self

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import SelectField

from survey_app.clock import now
from survey_app.operations.questionnaires import recordings as operations
from survey_app.operations.questionnaires.publishing import (
    QuestionnaireVersion,
    load_questionnaire,
    version_by_id,
)
from survey_app.operations.questionnaires.recordings import LARGEST_BYTES, SpokenQuestion
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.forms import AdminForm, required
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session

AUDIO = {"accept": "audio/*,.mp3,.ogg,.m4a,.webm,.wav"}


class RecordingForm(AdminForm):
    """One audio file for one question in one language."""

    language = SelectField("Ngôn ngữ", [required("Chọn ngôn ngữ.")])
    question = SelectField("Câu hỏi", [required("Chọn câu hỏi.")])
    file = FileField("Tệp âm thanh", [required("Chọn tệp.")], render_kw=AUDIO)

    def offer(self, languages: Sequence[str], questions: Sequence[SpokenQuestion]) -> Self:
        """What can be chosen; those that still lack a recording are marked."""
        self.language.choices = {code: wording.languages((code,)) for code in languages}
        self.question.choices = {
            spoken.question.code: f"{number}. {spoken.question.text}"
            for number, spoken in enumerate(questions, 1)
        }
        return self


@blueprint.get("/questionnaires/<int:version_id>/recordings", endpoint="recordings")
def show_recordings(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    return _page(version, None)


@blueprint.post("/questionnaires/<int:version_id>/recordings")
def store_recording(version_id: int) -> ResponseReturnValue:
    content = _sent_file()
    version = version_by_id(current_session(), version_id)
    questions = operations.spoken_questions(current_session(), version)
    form = RecordingForm().offer(load_questionnaire(version).languages, questions)
    if form.validate():
        with form.refusals_shown():
            operations.store_recording(
                current_session(),
                version,
                question_code=form.question.data,
                language=form.language.data,
                content=content,
                now=now(),
                account=signed_in_account(),
            )
            flash("Đã lưu bản ghi âm.")
            return redirect(
                url_for("admin.recordings", version_id=version_id, language=form.language.data)
            )
    return _page(version, form)


@blueprint.post("/questionnaires/<int:version_id>/recordings/<question>/<language>/delete")
def delete_recording(version_id: int, question: str, language: str) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    operations.delete_recording(
        current_session(),
        version,
        question_code=question,
        language=language,
        now=now(),
        account=signed_in_account(),
    )
    flash("Đã xóa bản ghi âm.")
    return redirect(url_for("admin.recordings", version_id=version_id))


def _sent_file() -> bytes:
    """The file that was sent, a byte more than is allowed at most; nothing if there is none.

    Read before the session is opened: nobody else's writing waits for a slow upload.
    """
    sent = request.files.get("file")
    return sent.read(LARGEST_BYTES + 1) if sent else b""


def _page(version: QuestionnaireVersion, form: RecordingForm | None) -> ResponseReturnValue:
    """The recordings of a version; without a form that was sent, one for the next question."""
    questions = operations.spoken_questions(current_session(), version)
    languages = load_questionnaire(version).languages
    if form is None:
        language = request.args.get("language", languages[0])
        form = RecordingForm(
            formdata=None, language=language, question=_next_unspoken(questions, language)
        ).offer(languages, questions)
    page = render_template(
        "admin/questionnaires/recordings.html",
        version=version,
        questions=questions,
        languages=languages,
        spoken={code: sum(code in q.recordings for q in questions) for code in languages},
        form=form,
        largest_megabytes=LARGEST_BYTES // 1024**2,
    )
    return page, form.status


def _next_unspoken(questions: Sequence[SpokenQuestion], language: str) -> str | None:
    return next((q.question.code for q in questions if language not in q.recordings), None)
