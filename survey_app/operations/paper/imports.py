"""Keyed forms: read from a file, checked as a whole, stored as a whole or not at all.

A form's id is made of survey, place and number, so a form that comes again is recognised by the
rule that holds for every sheet (submission): the same answers are the same sheet, other answers a
conflict. Nothing else about the number is kept (docs/decisions/0013-numbered-paper.md).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.intake.submission import PointCount, Sheet, is_known, submit_at
from survey_app.operations.paper.columns import (
    NUMBER,
    POINT,
    KeyedColumns,
    find_columns,
    form_number,
    point_token,
    read_cell,
)
from survey_app.operations.paper.forms import (
    keyed_sheet,
    listed_keys,
    open_link_of,
    paper_points,
    require_keying,
)
from survey_app.operations.paper.second_keying import is_blind, is_corrected, note_first_keying
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.answers import validate_answers
from survey_app.questionnaire.definition import QuestionKind, Questionnaire
from survey_app.questionnaire.keying import answer_keys
from survey_app.spreadsheets.records import read_table
from survey_app.spreadsheets.sheet import Row, cell_place, column_letter
from survey_app.spreadsheets.sheet import Sheet as Table
from survey_app.storage.models import CollectionPoint, QuestionnaireVersion, Survey

#: A batch is stored in one transaction, and everybody else's sheet waits for its end.
MOST_FORMS = 500


@dataclass(frozen=True)
class KeyedForm:
    """One form of a file, understood and free of mistakes."""

    point: CollectionPoint
    number: str
    sheet: Sheet
    is_new: bool


@dataclass(frozen=True)
class Batch:
    """A file that can be imported.

    ``left_out``: answers to questions that the skip rules do not ask; ``unused``, ``missing``:
    columns passed over, questions without a column; ``corrected``: forms known by
    their number that were corrected by the paper since, and stay so; ``waiting``: numbers of forms
    that wait for a second keying, and so were not compared.
    """

    forms: tuple[KeyedForm, ...]
    left_out: int
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    corrected: int
    waiting: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        return sum(form.is_new for form in self.forms)

    @property
    def known(self) -> int:
        return len(self.forms) - self.new

    @property
    def points(self) -> tuple[PointCount, ...]:
        """The counts by place, by unit and label."""
        new = Counter(form.point.id for form in self.forms if form.is_new)
        all_forms = Counter(form.point.id for form in self.forms)
        found = {form.point.id: form.point for form in self.forms}
        ordered = sorted(found.values(), key=lambda p: (p.unit.sort_key, p.label, p.id))
        return tuple(PointCount(p, new[p.id], all_forms[p.id] - new[p.id]) for p in ordered)


def read_keyed_table(data: bytes, filename: str) -> Table:
    """The table in a file of keyed forms; slow, and asks the database for nothing.

    Raises Invalid when it is no such file.
    """
    return read_table(data, filename, [POINT, NUMBER], most_rows=MOST_FORMS + 1)


def check_forms(
    session: Session,
    survey: Survey,
    table: Table,
    *,
    unit_ids: Collection[int] | None,
    secret: bytes,
    now: datetime,
    account: Account | None = None,
    version: QuestionnaireVersion | None = None,
) -> Batch:
    """What a file would bring, written nowhere; ``unit_ids``: whose places may be named;
    ``secret``: the server's, by which forms are recognised that were corrected since;
    ``version``: the one that all forms of the file are of, None = that of the survey now. An
    ``account`` is not told whether answers are those of a form that others keyed first and that
    waits for its second keying.

    Raises Closed when the survey takes no forms, Invalid with every mistake by row and column.
    """
    require_keying(survey, now)
    points = paper_points(session, survey, unit_ids)
    by_token = {point.token: point for point in points}
    reader = _Reader(
        session, survey, table, by_token, secret, now, account, version or survey.version
    )
    reader.read()
    if reader.problems:
        count = len(reader.problems)
        raise Invalid(f"Tệp có {count} chỗ cần sửa; chưa nhập phiếu nào.", reader.problems)
    if not reader.forms:
        raise Invalid("Tệp chưa có phiếu nào.")
    columns = reader.columns
    return Batch(
        tuple(reader.forms),
        reader.left_out,
        columns.unused,
        columns.missing,
        reader.corrected,
        tuple(reader.waiting),
    )


def import_forms(
    session: Session,
    survey: Survey,
    table: Table,
    *,
    unit_ids: Collection[int] | None,
    secret: bytes,
    now: datetime,
    account: Account | None = None,
    version: QuestionnaireVersion | None = None,
) -> Batch:
    """Store every form of a file that is not stored yet. Raises as check_forms does, and then
    nothing was written."""
    version = version or survey.version
    batch = check_forms(
        session,
        survey,
        table,
        unit_ids=unit_ids,
        secret=secret,
        now=now,
        account=account,
        version=version,
    )
    # In the order of the ids, which are digests: rows must not lie in the order of the pile.
    for form in sorted(batch.forms, key=lambda form: form.sheet.response_id):
        if form.is_new:
            submit_at(session, open_link_of(form.point), form.sheet, now=now)
    new = [(form.point, form.number) for form in batch.forms if form.is_new]
    note_first_keying(
        session, survey, new, version_number=version.number, secret=secret, account=account
    )
    detail = f"{batch.new} phiếu mới, {batch.known} phiếu đã có"
    record(session, "paper.import", now=now, account=account, subject=survey.code, detail=detail)
    return batch


@dataclass
class _Reader:
    """One file on its way to forms."""

    session: Session
    survey: Survey
    table: Table
    points: Mapping[str, CollectionPoint]
    secret: bytes
    now: datetime
    account: Account | None
    version: QuestionnaireVersion
    forms: list[KeyedForm] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    corrected: int = 0
    waiting: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.questionnaire: Questionnaire = load_questionnaire(self.version)
        self.columns: KeyedColumns = find_columns(self.table.header, self.questionnaire)
        self._rows: dict[UUID, int] = {}

    def read(self) -> None:
        for place, row in enumerate(self.table.rows):
            is_told = place == 0 and self.columns.is_row_of_texts(row)
            if not is_told and not self.columns.is_blank(row):
                self._read_row(row)

    def _read_row(self, row: Row) -> None:
        before = len(self.problems)
        point, number = self._read_place(row)
        answers, unread = self._read_answers(row)
        self._check_answers(row, answers, unread)
        if point is None or number is None:
            return
        sheet = keyed_sheet(self.survey, point, number, answers, self.version)
        earlier = self._rows.setdefault(sheet.response_id, row.number)
        if earlier != row.number:
            message = f"phiếu số {number} của điểm này đã có ở dòng {earlier}"
            self._complain(row, message, self.columns.number)
        if len(self.problems) == before:
            self._keep(row, point, number, sheet)

    def _keep(self, row: Row, point: CollectionPoint, number: str, sheet: Sheet) -> None:
        if self._is_blind(point, number):
            self.waiting.append(number)
            self.forms.append(KeyedForm(point, number, sheet, is_new=False))
            return
        try:
            is_new = not is_known(self.session, open_link_of(point), sheet, now=self.now)
        except Conflict:
            if is_corrected(self.session, self.survey, point, number, secret=self.secret):
                self.corrected += 1
                self.forms.append(KeyedForm(point, number, sheet, is_new=False))
                return
            message = (
                f"phiếu số {number} của điểm này đã được nhập với câu trả lời khác; "
                "phiếu đã nhập được giữ nguyên"
            )
            self._complain(row, message, self.columns.number)
        else:
            self.forms.append(KeyedForm(point, number, sheet, is_new))

    def _is_blind(self, point: CollectionPoint, number: str) -> bool:
        return self.account is not None and is_blind(
            self.session, self.survey, point, number, secret=self.secret, account=self.account
        )

    def _read_place(self, row: Row) -> tuple[CollectionPoint | None, str | None]:
        typed, token = row.cells[self.columns.number], point_token(row.cells[self.columns.point])
        point, number = self.points.get(token), form_number(typed)
        if not token:
            self._complain(row, "chưa ghi mã điểm", self.columns.point)
        elif point is None:
            message = f"không có điểm thu thập “{token[:20]}” trong phạm vi của ông/bà"
            self._complain(row, message, self.columns.point)
        if not typed:
            self._complain(row, "chưa ghi số phiếu", self.columns.number)
        elif number is None:
            message = f"“{typed[:20]}” không phải là số phiếu; hãy ghi như in trên phiếu: 0012"
            self._complain(row, message, self.columns.number)
        return point, number

    def _read_answers(self, row: Row) -> tuple[dict[str, object], set[str]]:
        """The answers by question, and the questions with cells that cannot be understood."""
        answers: dict[str, object] = {}
        ticks: dict[str, list[str]] = {}
        unread: set[str] = set()
        for place, column in self.columns.answers:
            code = column.question.code
            answer = read_cell(column, row.cells[place])
            if answer is None:
                unread.add(code)
                wanted = "x hoặc để trống"
                if column.option is None:
                    wanted = listed_keys(answer_keys(column.question).values())
                message = f"không hiểu “{row.cells[place][:40]}”; hãy ghi {wanted}"
                self._complain(row, message, place)
            elif answer and column.option is not None:
                ticks.setdefault(code, []).append(answer)
            elif answer:
                answers[code] = answer
        return answers | ticks, unread

    def _check_answers(self, row: Row, answers: Mapping[str, object], unread: set[str]) -> None:
        try:
            kept = validate_answers(self.questionnaire, answers)
        except Invalid as refusal:
            for problem in refusal.problems:
                is_told = problem.where in unread or (not problem.where and unread)
                if not is_told:
                    self._complain_of(row, problem)
        else:
            self.left_out += len(set(answers) - set(kept))

    def _complain_of(self, row: Row, problem: Problem) -> None:
        """A mistake of an answer, at its cell; of the whole form, at its row."""
        letter = self.columns.letters.get(problem.where, "")
        kind = self.questionnaire[problem.where].kind if letter else None
        if kind is QuestionKind.MULTIPLE:
            message = f"{problem.where}: {problem.message}"
        else:
            message = problem.message if letter else f"{problem.where} {problem.message}".strip()
        self.problems.append(Problem(message, cell_place(row.number, letter)))

    def _complain(self, row: Row, message: str, place: int) -> None:
        self.problems.append(Problem(message, cell_place(row.number, column_letter(place))))


def list_notices(batch: Batch) -> Iterator[str]:
    """What somebody should know before importing, in sentences."""
    if same := batch.known - batch.corrected - len(batch.waiting):
        yield f"{same} phiếu đã được nhập trước đây, giống hệt; sẽ không nhập lại."
    if batch.waiting:
        yield (
            "Các phiếu đã có người khác nhập và đang chờ nhập lần hai; không so với tệp, không "
            f"nhập lại: số {', '.join(batch.waiting)}."
        )
    if batch.corrected:
        yield (
            f"{batch.corrected} phiếu đã được nhập, rồi được sửa theo phiếu giấy khi nhập lần hai; "
            "giữ nguyên như đã sửa."
        )
    if batch.left_out:
        yield (
            f"{batch.left_out} câu trả lời sẽ bị bỏ vì theo chỉ dẫn trên phiếu, câu đó không được "
            "hỏi."
        )
    if batch.unused:
        yield f"Các cột không được đọc: {', '.join(batch.unused)}."
    if batch.missing:
        yield f"Tệp không có cột của: {', '.join(batch.missing)}."
