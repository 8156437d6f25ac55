"""The codebook of a published questionnaire as a paper: what every column of its data means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_app.i18n import format_date, vietnamese_name
from survey_app.interchange.variables import (
    MISSING_LABELS,
    Missing,
    Variable,
    skip_rule,
    variables_of,
)
from survey_app.questionnaire.definition import QuestionKind, Questionnaire, Section
from survey_app.questionnaire.reading import HIGHEST_NUMBER, LONGEST_TEXT, LOWEST_NUMBER
from survey_app.reporting import formats, wording
from survey_app.reporting.records.edit_wording import QUESTION_ROLES
from survey_app.reporting.report import (
    Block,
    Chapter,
    Column,
    ColumnKind,
    Facts,
    KeyFigure,
    KeyFigures,
    Letterhead,
    Paragraphs,
    Report,
    Row,
    Table,
)
from survey_app.reporting.wording import said
from survey_app.text import file_stem

TEXT = ColumnKind.TEXT
#: Letters beyond this (Chinese, Khmer …) are not in the fonts of papers.
_LAST_LATIN = 0x2200
_WHEN = {
    Missing.NO_ANSWER: "Câu được hỏi nhưng người trả lời bỏ trống",
    Missing.NOT_APPLICABLE: "Người trả lời chọn “không áp dụng” (theo chữ của từng câu)",
    Missing.WITHHELD: "Có giá trị, nhưng quá ít phiếu giống nhau nên không ghi ra tệp",
    Missing.NOT_ASKED: "Điều kiện hỏi của câu không thỏa",
}


@dataclass(frozen=True)
class VersionSubject:
    """A published version. ``occurs``: question code → the numbers of the versions that ask it,
    in words."""

    name: str
    number: int
    fingerprint: str
    published_on: date
    occurs: Mapping[str, str]


def compose_codebook(
    questionnaire: Questionnaire, version: VersionSubject, *, for_print: bool = False
) -> Report:
    """The codebook, ready for every renderer. ``for_print``: without the labels in languages
    whose letters the fonts of papers lack."""
    variables = variables_of(questionnaire)
    languages = questionnaire.languages
    if for_print:
        languages = tuple(code for code in languages if _is_printable(variables, code))
    return Report(
        title=str(questionnaire.title),
        subtitle=f"{version.name}, công bố ngày {format_date(version.published_on)}",
        # A technical paper: it goes to nobody and nobody signs it.
        letterhead=Letterhead("", "", "", version.published_on, "", "", ()),
        chapters=tuple(_chapters(questionnaire, variables, version, languages)),
        data_until=version.published_on,
        is_demo=False,
        file_stem=f"BangMa_{file_stem(questionnaire.code)}_{version.number}",
        source=f"{version.name} {version.fingerprint}",
        kind="Bảng mã",
        dated="Công bố",
    )


def _is_printable(variables: Sequence[Variable], language: str) -> bool:
    labels = (value.label.texts.get(language, "") for v in variables for value in v.values)
    return all(ord(char) < _LAST_LATIN for label in labels for char in label)


def _chapters(
    questionnaire: Questionnaire,
    variables: Sequence[Variable],
    version: VersionSubject,
    languages: Sequence[str],
) -> Iterator[Chapter]:
    yield Chapter("general", "Thông tin chung", tuple(_general(questionnaire, variables, version)))
    yield Chapter("variables", "Các cột của tệp số liệu", (_sheet(variables),
        _columns(questionnaire, variables, version)))  # fmt: skip
    lists: tuple[Block, ...] = tuple(_lists(variables, languages))
    if left := [code for code in questionnaire.languages if code not in languages]:
        names = ", ".join(vietnamese_name(code) for code in left)
        lists += (Paragraphs((f"Nhãn {names} có trong bảng mã dạng Excel.",)),)
    yield Chapter("values", "Thang đo, phương án và mã khuyết", (*lists, _missing()))
    if words := _words(questionnaire, version):
        note = Paragraphs(
            ("Những câu này không có cột trong tệp số liệu: lời người dân viết có thể cho biết "
             "người viết là ai.",)
        )  # fmt: skip
        yield Chapter("words", "Câu hỏi tự viết", (note, words))


def _general(
    questionnaire: Questionnaire, variables: Sequence[Variable], version: VersionSubject
) -> Iterator[Block]:
    criteria = sum(1 for _ in questionnaire.criteria)
    figures = (
        ("questions", "Câu hỏi", len(questionnaire.questions), "trong bộ câu hỏi"),
        ("criteria", "Tiêu chí", criteria, f"trong {len(questionnaire.factors)} yếu tố"),
        ("columns", "Cột", len(variables), "trong tệp số liệu"),
    )
    yield KeyFigures(
        "size", tuple(KeyFigure(label, n, note=note, code=c) for c, label, n, note in figures)
    )
    scoring = questionnaire.scoring
    languages = ", ".join(vietnamese_name(code) for code in questionnaire.languages)
    yield Facts(
        "version",
        (
            ("Bộ câu hỏi", questionnaire.code),
            ("Phiên bản", f"{version.number} (công bố ngày {format_date(version.published_on)})"),
            ("Mã kiểm tra nội dung", " ".join(_pieces(version.fingerprint, 16))),
            ("Ngôn ngữ", languages[:1].upper() + languages[1:]),
            (
                "Cách tính chỉ số",
                f"{wording.ITEM_RULES[scoring.item]}; {wording.ROLL_UPS[scoring.roll_up].lower()} "
                f"(phương pháp {scoring.version})",
            ),
        ),
        title="Phiên bản của bộ câu hỏi",
        short_title="Phiên bản",
    )


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[place : place + size] for place in range(0, len(text), size))


_COLUMNS = (
    Column("name", "Cột", TEXT, 35),  # the longest name stays in one line
    Column("question", "Câu hỏi", TEXT, 23),
    Column("values", "Giá trị", TEXT, 14),
    Column("role", "Vai trò", TEXT, 11),
    Column("universe", "Hỏi khi", TEXT, 11),
    Column("versions", "Phiên bản", TEXT, 6),
)


def _sheet(variables: Sequence[Variable]) -> Table:
    """What describes the sheet itself."""
    columns = (
        Column("name", "Cột", TEXT, 24),
        Column("label", "Nội dung", TEXT, 40),
        Column("values", "Giá trị", TEXT, 36),
    )
    rows = [
        Row(v.name, (v.name, said(v.label), "chữ" if v.is_text else _listed(v)))
        for v in variables
        if v.section is None
    ]
    return Table(
        "sheet",
        "Cột về phiếu",
        "Mỗi dòng của tệp là một phiếu; không có cột nào cho biết người trả lời là ai.",
        columns,
        tuple(rows),
        short_title="Cột về phiếu",
    )


def _columns(
    questionnaire: Questionnaire, variables: Sequence[Variable], version: VersionSubject
) -> Table:
    rows: list[Row] = []
    for section in questionnaire.sections:
        inside = [v for v in variables if v.section is section]
        if inside:
            rows.append(Row(section.code, (_heading(section), *[None] * 5), level=0))
            rows += _section_rows(questionnaire, inside, version)
    return Table(
        "columns",
        "Cột về câu trả lời",
        "Thang đo được gọi theo mã; nghĩa của từng số ở bảng sau, −8 là “không áp dụng”. Dấu * ở "
        "phiên bản nào: khi ấy câu có phương án hoặc thang đo khác.",
        _COLUMNS,
        tuple(rows),
        short_title="Cột về câu trả lời",
    )


def _heading(section: Section) -> str:
    kind = "Yếu tố" if section.is_factor else "Phần"
    return f"{kind} {section.code}: {said(section.title)}"


def _section_rows(
    questionnaire: Questionnaire, variables: Sequence[Variable], version: VersionSubject
) -> Iterator[Row]:
    before = None
    for variable in variables:
        question = variable.question
        if question is None:
            continue
        facts = (
            QUESTION_ROLES[question.role],
            skip_rule(variable, questionnaire) or None,
            version.occurs.get(question.code, str(version.number)),
        )
        if variable.option is None:
            yield Row(
                variable.name, (variable.name, said(question.text), _listed(variable), *facts)
            )
            continue
        if question is not before:
            most = f", nhiều nhất {question.max_choices}" if question.max_choices else ""
            chosen = f"1 có chọn, 0 không chọn{_not_applicable(variable)}{most}"
            yield Row(question.code, (None, said(question.text), chosen, *facts))
            before = question
        label = f"– {said(variable.option.label)}"
        yield Row(variable.name, (variable.name, label, None, None, None, None))


def _listed(variable: Variable) -> str:
    """The numbers of a variable: its scale by code, options in full, a number by its bounds."""
    question = variable.question
    valid = variable.valid
    if question and question.kind is QuestionKind.NUMBER:
        low = LOWEST_NUMBER if question.minimum is None else question.minimum
        high = HIGHEST_NUMBER if question.maximum is None else question.maximum
        return f"số từ {formats.count(low)} đến {formats.count(high)}{_not_applicable(variable)}"
    if question and question.scale:
        numbers = [value.number for value in valid]
        levels = number_range(numbers)
        return f"{levels} (thang {question.scale.code}){_not_applicable(variable)}"
    if question:
        return f"{number_range([value.number for value in valid])}{_not_applicable(variable)}"
    return "; ".join(f"{v.number} {said(v.label)}" for v in valid) or "số"


def number_range(numbers: Sequence[int]) -> str:
    """The numbers as "1 đến 5" where none is left out, else one by one."""
    ordered = sorted(numbers)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]} đến {ordered[-1]}"
    return ", ".join(map(str, ordered))


def _not_applicable(variable: Variable) -> str:
    return "; −8" if Missing.NOT_APPLICABLE in {v.number for v in variable.missing} else ""


def _lists(variables: Sequence[Variable], languages: Sequence[str]) -> Iterator[Table]:
    """The values of every scale and of every question with options of its own."""
    width = 68 / len(languages)
    columns = (
        Column("value", "Giá trị", TEXT, 12),
        Column("code", "Mã phương án", TEXT, 20),
        *(
            Column(f"label_{code}", f"Nhãn {vietnamese_name(code)}", TEXT, width)
            for code in languages
        ),
    )
    rows = tuple(_list_rows(variables, languages))
    if rows:
        yield Table(
            "lists",
            "Thang đo và phương án",
            "Giá trị là số ghi trong tệp; mã phương án là mã trong bộ câu hỏi. Mức có dấu ✓ được "
            "tính là hài lòng.",
            columns,
            rows,
            short_title="Thang đo, phương án",
        )


def _list_rows(variables: Sequence[Variable], languages: Sequence[str]) -> Iterator[Row]:
    seen: set[str] = set()
    for variable in variables:
        question = variable.question
        if question is None or variable.option is not None or not variable.valid:
            continue
        code = question.scale.code if question.scale else question.code
        if code in seen:
            continue
        seen.add(code)
        title = f"Thang {code}" if question.scale else f"Câu {code}"
        yield Row(code, (title, *[None] * (len(languages) + 1)), level=0)
        satisfied = question.scale.satisfied if question.scale else frozenset()
        for value in variable.valid:
            mark = " ✓" if value.code in satisfied else ""
            labels = [value.label.texts.get(language, "") for language in languages]
            labels[0] += mark
            yield Row(f"{code}.{value.code}", (value.number, value.code, *labels))


def _missing() -> Table:
    columns = (
        Column("value", "Giá trị", TEXT, 12),
        Column("label", "Nghĩa", TEXT, 33),
        Column("when", "Khi nào", TEXT, 55),
    )
    rows = (
        Row(m.name.lower(), (int(m), said(MISSING_LABELS[m]), when)) for m, when in _WHEN.items()
    )
    return Table(
        "missing",
        "Mã khuyết",
        "Chung cho mọi cột số; không tính vào tử số và mẫu số của chỉ số nào.",
        columns,
        tuple(rows),
        short_title="Mã khuyết",
    )


def _words(questionnaire: Questionnaire, version: VersionSubject) -> Table | None:
    questions = [q for q in questionnaire.questions if q.kind is QuestionKind.TEXT]
    if not questions:
        return None
    columns = (
        Column("code", "Mã câu hỏi", TEXT, 26),
        Column("question", "Câu hỏi", TEXT, 46),
        Column("longest", "Độ dài tối đa", TEXT, 18),
        Column("versions", "Phiên bản", TEXT, 10),
    )
    rows = (
        Row(
            q.code,
            (
                q.code,
                said(q.text),
                f"{formats.count(q.max_length or LONGEST_TEXT)} ký tự",
                version.occurs.get(q.code, str(version.number)),
            ),
        )
        for q in questions
    )
    return Table("words", "Câu hỏi tự viết", "", columns, tuple(rows), short_title="Câu tự viết")
