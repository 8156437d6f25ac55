"""The same questionnaire as a textbook would take it: a form object, a session, a row an answer.

WTForms reads 22 radio fields, the ORM writes one row for the sheet and
one for each answer, and commits them (synchronous=FULL). Without a token against
forgery, which would cost it more.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any

from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import ForeignKey, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from wtforms import RadioField
from wtforms.validators import InputRequired

import tests.bench._own_core  # noqa: F401

QUESTIONS = 22
LEVELS = [(str(level), f"Mức {level}") for level in range(1, 6)]


class Base(DeclarativeBase):
    pass


class Sheet(Base):
    __tablename__ = "sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[list["SheetAnswer"]] = relationship()


class SheetAnswer(Base):
    __tablename__ = "sheet_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), index=True)
    question: Mapped[str]
    level: Mapped[int]


def _form() -> type[FlaskForm]:
    fields = {
        f"q{number}": RadioField(f"Câu {number}", [InputRequired()], choices=LEVELS)
        for number in range(QUESTIONS)
    }
    return type("SheetForm", (FlaskForm,), fields)


@cache
def _application() -> Flask:
    """The whole of it; made when the first request comes, so that importing needs no folder."""
    sheet_form = _form()
    application = Flask("textbook")
    application.config.update(SECRET_KEY="only-for-the-benchmark" * 2, WTF_CSRF_ENABLED=False)
    address = f"sqlite:///{os.environ['HAILONG_DATA']}/textbook.db"
    engine = create_engine(address, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare)
    with suppress(OperationalError):  # the other process was first
        Base.metadata.create_all(engine)

    @application.post("/")
    def take() -> tuple[str, int]:
        form = sheet_form()
        if not form.validate_on_submit():
            return "no", 422
        levels = [(name, int(value)) for name, value in form.data.items() if name != "csrf_token"]
        with Session(engine) as session, session.begin():
            session.add(Sheet(answers=[SheetAnswer(question=n, level=v) for n, v in levels]))
        return "ok", 201

    @application.get("/healthz")
    def healthz() -> str:
        return "ok"

    return application


def _prepare(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return _application()(environ, start_response)
