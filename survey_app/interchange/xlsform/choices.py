"""The lists of a form: options of a question, or the levels of a scale."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.cells import is_comment, name_comment
from survey_app.interchange.xlsform.features import Place
from survey_app.interchange.xlsform.notes import Notes, free, question_code
from survey_app.interchange.xlsform.sheets import Grid, Line
from survey_app.questionnaire.definition import NOT_APPLICABLE, LocalText, Option, Scale

_OPTION_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass
class ChoiceList:
    """``codes``: name in the form → code here; ``scale``: the scale's code, empty for options;
    ``place``: its first row."""

    options: list[Option] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    scale: str = ""
    satisfied: set[str] = field(default_factory=set)
    not_applicable: LocalText | None = None
    offers_not_applicable: bool = False
    place: Place = field(default_factory=lambda: Place(vocabulary.CHOICES))

    def to_scale(self) -> Scale:
        """The scale of a list that is one: its words for "does not apply" are known."""
        words = self.not_applicable or LocalText({})
        return Scale(self.scale, tuple(self.options), frozenset(self.satisfied), words)


def read_lists(choices: Grid, notes: Notes) -> Mapping[str, ChoiceList]:
    """The lists of the sheet choices by name."""
    lists: dict[str, ChoiceList] = {}
    for line in choices.lines:
        name = line.get("list_name")
        if name:
            _add(lists.setdefault(name, ChoiceList(place=line.place("list_name"))), line, notes)
        elif is_comment(line, "list_name"):
            name_comment(line, notes)
        else:
            notes.refuse(
                line.place("list_name"),
                "Phương án không thuộc danh sách nào",
                "không biết câu nào dùng phương án này",
                "Hãy ghi tên danh sách vào cột “list_name”, hoặc xóa dòng.",
            )
    labels = {found.scale: found.not_applicable for found in lists.values() if found.not_applicable}
    for found in lists.values():
        found.scale = found.scale if found.scale in labels else ""
        if found.scale and found.not_applicable is None:  # the list without that answer
            found.not_applicable = labels[found.scale]
    return lists


def _add(found: ChoiceList, line: Line, notes: Notes) -> None:
    found.scale = line.get(vocabulary.SCALE) or found.scale
    for heading, _ in line.filled():
        if heading.name == "media":
            notes.refuse(
                line.cell_place(heading),
                "Ảnh, âm thanh hoặc phim trong phương án",
                "phương án chỉ có chữ",
                "Hãy ghi nội dung bằng chữ ở cột label và xóa ô này.",
            )
    name, label = line.get("name"), notes.needed_text(line, "Phương án")
    if line.get(vocabulary.OFFERS_NOT_APPLICABLE) and name == NOT_APPLICABLE:
        found.not_applicable, found.offers_not_applicable = label, True
        return
    if not name:
        notes.refuse(
            line.place("name"),
            "Phương án chưa có mã (name)",
            "câu trả lời được ghi theo mã",
            "Hãy ghi mã ngắn, không dấu, vào cột “name”.",
        )
    elif name in found.codes:
        notes.refuse(
            line.place("name"),
            f"Mã “{name}” có hai lần trong cùng danh sách",
            "hai phương án cùng mã không phân biệt được trong kết quả",
            "Hãy đặt cho mỗi phương án một mã riêng.",
        )
    else:
        _add_option(found, line, name, label, notes)


def _add_option(found: ChoiceList, line: Line, name: str, label: LocalText, notes: Notes) -> None:
    code = name
    if not _OPTION_CODE.fullmatch(name) or name == NOT_APPLICABLE:
        plain = re.sub("[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:60]
        code = plain if plain and plain != NOT_APPLICABLE else question_code(f"answer_{name}")
    code = free(code, [option.code for option in found.options])
    if code != name:
        notes.leave_out(
            line.place("name"),
            f"Mã phương án “{name}” được đổi thành “{code}”",
            "mã chỉ gồm chữ thường không dấu, chữ số, dấu chấm và dấu gạch; “na” dành riêng",
            "Không cần làm gì; nên dùng mã này khi đối chiếu với số liệu cũ.",
        )
    found.codes[name] = code
    found.options.append(Option(code, label))
    if line.get(vocabulary.SATISFIED):
        found.satisfied.add(code)
