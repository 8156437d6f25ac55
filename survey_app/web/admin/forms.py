"""Forms of the administrators' pages, with Vietnamese messages for every mistake."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, Field
from wtforms.validators import (
    InputRequired,
    Length,
    StopValidation,
)
from wtforms.widgets import TextInput

from survey_app.errors import Conflict, HaiLongError, Invalid, Problem
from survey_app.web.admin import wording

#: What WTForms says by itself, where no validator carries a message.
_SENTENCES = {
    "Not a valid choice.": "Hãy chọn một trong các mục có sẵn.",
    "Invalid Choice: could not coerce.": "Hãy chọn một trong các mục có sẵn.",
    "'%(value)s' is not a valid choice for this field.": "Hãy chọn trong các mục có sẵn.",
    "'%(value)s' are not valid choices for this field.": "Hãy chọn trong các mục có sẵn.",
    "Not a valid integer value.": "Nhập một số nguyên.",
    "Not a valid date value.": "Nhập ngày có đủ ngày, tháng, năm.",
}


#: What the dialogue for choosing a file offers.
SPREADSHEETS = {"accept": ".xlsx,.xls,.ods,.csv"}
#: The years that a day may lie in.
YEARS = range(1900, 2200)
PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?) ?%?")


class _Vietnamese:
    """WTForms has no Vietnamese catalogue; without this its own sentences would be English."""

    def gettext(self, sentence: str) -> str:
        return _SENTENCES.get(sentence, sentence)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


class AdminForm(FlaskForm):  # type: ignore[misc]
    """The base of the forms: Vietnamese messages, refusals of the operations shown in place.

    ``BESIDE``: places that refusals name and that are no fields; people are not told such a name.
    """

    BESIDE: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        def get_translations(self, _form: FlaskForm) -> _Vietnamese:
            return _Vietnamese()

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return 422 if self.errors else 200

    @staticmethod
    def mistake(field: str, refusal: HaiLongError) -> Invalid:
        """A refusal as a mistake of one field."""
        return Invalid(refusal.message, [Problem(refusal.message, field)])

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Put what an operation refuses beside the fields it is about, and carry on."""
        try:
            yield
        except (Invalid, Conflict) as refusal:
            problems = refusal.problems if isinstance(refusal, Invalid) else ()
            for problem in problems:
                if problem.where in self:
                    field = self[problem.where]
                    field.errors = [*field.errors, problem.message]
                elif problem.where in self.BESIDE:
                    self.form_errors.append(problem.message)
                else:
                    self.form_errors.append(str(problem))
            if not problems:
                self.form_errors.append(refusal.message)


def required(message: str) -> InputRequired:
    return InputRequired(message)


def at_most(length: int) -> Length:
    return Length(max=length, message=f"Dài nhất {length} ký tự.")


class DayField(DateField):  # type: ignore[misc]
    """A day of people's lives: what lies centuries off is a slip, and no clock reckons beyond."""

    data: Any

    def process_formdata(self, sent: Sequence[str]) -> None:
        super().process_formdata(sent)
        if self.data is not None and self.data.year not in YEARS:
            self.data = None
            raise ValueError(f"Nhập năm từ {YEARS[0]} đến {YEARS[-1]}.")


class PercentField(Field):  # type: ignore[misc]
    """A percentage as people write it ("5", "7,5", "80%"); its data is a proportion or None."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else wording.as_written(Decimal(repr(self.data)) * 100)

    def process_formdata(self, sent: Sequence[str]) -> None:
        text = sent[0].strip() if sent else ""
        match = PERCENT.fullmatch(text)
        self.data = float(Decimal(match[1].replace(",", ".")) / 100) if match else None
        if text and not match:
            raise ValueError("Nhập một số phần trăm, như 5 hoặc 7,5.")


class ChosenOrSentAlong:
    """A file is required, but for the second step, which brings the content of the first."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, _form: FlaskForm, field: FileField) -> None:
        if not field.data and not request.form.get("content"):
            raise StopValidation("Chọn tệp.")


class FileForm(AdminForm):
    """A form with one file that holds a list."""

    file: FileField
