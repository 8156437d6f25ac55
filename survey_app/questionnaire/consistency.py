"""What the schema cannot say: references, skip rules, kinds and roles that must fit together."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeGuard

from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    PRIMARY_LANGUAGE,
    QuestionKind,
    Role,
    RollUp,
)
from survey_app.questionnaire.findings import Findings, Path

_Entry = tuple[Path, Mapping[str, Any]]

#: The keys that belong to one kind of question or a few.
_KIND_KEYS: Mapping[str, frozenset[str]] = {
    QuestionKind.SCALE: frozenset({"scale", "not_applicable"}),
    QuestionKind.SINGLE: frozenset({"options", "not_applicable"}),
    QuestionKind.MULTIPLE: frozenset({"options", "max_choices", "not_applicable"}),
    QuestionKind.NUMBER: frozenset({"minimum", "maximum", "not_applicable"}),
    QuestionKind.TEXT: frozenset({"max_length"}),
}
_SPECIAL_KEYS = frozenset[str]().union(*_KIND_KEYS.values())
_NEEDED_KEY = {
    QuestionKind.SCALE: ("scale", "Câu hỏi loại “scale” phải nêu thang đo ở khóa “scale”."),
    QuestionKind.SINGLE: ("options", "Câu hỏi lựa chọn phải có danh sách “options”."),
    QuestionKind.MULTIPLE: ("options", "Câu hỏi lựa chọn phải có danh sách “options”."),
}
_ROLE_KIND = {
    Role.CRITERION: (QuestionKind.SCALE, "Tiêu chí (criterion) phải là câu hỏi loại “scale”."),
    Role.OVERALL: (QuestionKind.SCALE, "Câu đánh giá chung (overall) phải là loại “scale”."),
    Role.COMMENT: (QuestionKind.TEXT, "Ý kiến (comment) phải là câu hỏi loại “text”."),
}
_CHOICE_KINDS = (QuestionKind.SCALE, QuestionKind.SINGLE, QuestionKind.MULTIPLE)


def check_consistency(tree: Mapping[str, Any], findings: Findings) -> None:
    """Notes every contradiction within ``tree``, which may have mistakes of structure itself."""
    _Check(tree, findings).run()


def _entries(parent: Mapping[str, Any], key: str, path: Path) -> list[_Entry]:
    """The mappings in the list ``parent[key]`` with their paths, passing over anything else."""
    found = parent.get(key)
    if not isinstance(found, list):
        return []
    return [
        ((*path, key, place), entry) for place, entry in enumerate(found) if isinstance(entry, dict)
    ]


def _strings(parent: Mapping[str, Any], key: str, path: Path) -> list[tuple[Path, str]]:
    found = parent.get(key)
    if not isinstance(found, list):
        return []
    return [((*path, key, place), s) for place, s in enumerate(found) if isinstance(s, str)]


def _value(entry: Mapping[str, Any], key: str) -> Any:
    """What stands under ``key``, or under its misspelling, which has been reported already."""
    if key not in entry:
        key = next(iter(get_close_matches(key, list(entry), n=1, cutoff=0.7)), key)
    return entry.get(key)


def _codes(entries: Iterable[_Entry]) -> list[str]:
    return [code for _, entry in entries if isinstance(code := _value(entry, "code"), str)]


class _Check:
    def __init__(self, tree: Mapping[str, Any], findings: Findings) -> None:
        self._tree = tree
        self._findings = findings
        self._sections = _entries(tree, "sections", ())
        self._questions = [
            question
            for path, section in self._sections
            for question in _entries(section, "questions", path)
        ]
        scales = tree.get("scales")
        self._scales: dict[str, Any] = scales if isinstance(scales, dict) else {}

    def run(self) -> None:
        self._check_languages()
        self._check_scales()
        self._check_unique(self._sections, "phần")
        self._check_unique(self._questions, "câu hỏi")
        for path, section in self._sections:
            self._check_factor(path, section)
        for path, question in self._questions:
            self._check_kind(path, question)
            self._check_role(path, question)
            self._check_bounds(path, question)
            self._check_unique(_entries(question, "options", path), "phương án")
        self._check_scale_names()
        self._check_rules()
        self._check_weights()

    def _check_unique(self, entries: Iterable[_Entry], what: str) -> None:
        self._check_once(
            (
                ((*path, "code"), code)
                for path, entry in entries
                if isinstance(code := entry.get("code"), str)
            ),
            f"Mã {what}",
        )

    def _check_once(self, items: Iterable[tuple[Path, str]], what: str) -> None:
        seen: set[str] = set()
        for path, code in items:
            if code in seen:
                self._findings.add(path, f"{what} “{code}” bị trùng. Mỗi mã chỉ dùng một lần.")
            seen.add(code)

    # Languages

    def _check_languages(self) -> None:
        languages = _strings(self._tree, "languages", ())
        self._check_once(languages, "Mã ngôn ngữ")
        known = {code for _, code in languages}
        if known:
            for path, language in _languages_used(self._tree, ()):
                if language not in known:
                    self._findings.add(
                        path, f"Ngôn ngữ “{language}” chưa được khai báo trong “languages”."
                    )

    # Scales

    def _check_scales(self) -> None:
        for code, scale in self._scales.items():
            if not isinstance(scale, dict):
                continue
            path: Path = ("scales", code)
            levels = _entries(scale, "levels", path)
            self._check_unique(levels, "mức")
            satisfied = _strings(scale, "satisfied", path)
            self._check_once(satisfied, "Mức")
            if levels:
                self._check_known(satisfied, _codes(levels), "không có trong các mức của thang đo")

    def _check_known(
        self, items: Iterable[tuple[Path, str]], known: Iterable[str], complaint: str
    ) -> None:
        codes = list(known)
        for path, code in items:
            if code not in codes:
                self._findings.add(path, f"“{code}” {complaint} ({', '.join(codes)}).")

    def _check_scale_names(self) -> None:
        """One sentence for each unknown scale: twenty questions may share one misspelling."""
        unknown: dict[str, list[Path]] = {}
        for path, question in self._questions:
            name = question.get("scale")
            if isinstance(name, str) and name and name not in self._scales:
                unknown.setdefault(name, []).append((*path, "scale"))
        if self._findings.covers(("scales",)):
            return
        for name, paths in unknown.items():
            also = f" (thang này được dùng ở {len(paths)} câu)" if len(paths) > 1 else ""
            self._findings.add(paths[0], f"Không có thang đo “{name}” trong “scales”{also}.")

    # Questions

    def _check_kind(self, path: Path, question: Mapping[str, Any]) -> None:
        kind = question.get("kind")
        if not isinstance(kind, str) or kind not in _KIND_KEYS:
            return
        for key in question:
            if key in _SPECIAL_KEYS - _KIND_KEYS[kind] and question[key] is not False:
                message = f"Khóa “{key}” không dùng cho câu hỏi loại “{kind}”. Hãy bỏ khóa này."
                self._findings.add((*path, key), message)
        key, message = _NEEDED_KEY.get(QuestionKind(kind), ("", ""))
        if key and key not in question:
            self._findings.add((*path, key), message)

    def _check_role(self, path: Path, question: Mapping[str, Any]) -> None:
        role, kind = question.get("role"), question.get("kind")
        if role not in list(Role) or kind not in list(QuestionKind):
            return
        wanted, message = _ROLE_KIND.get(Role(role), (kind, ""))
        if kind != wanted:
            self._findings.add((*path, "kind"), message)

    def _check_bounds(self, path: Path, question: Mapping[str, Any]) -> None:
        low, high = question.get("minimum"), question.get("maximum")
        if _is_number(low) and _is_number(high) and low > high:
            self._findings.add(
                (*path, "minimum"), f"Số nhỏ nhất ({low}) lớn hơn số lớn nhất ({high})."
            )
        most, options = question.get("max_choices"), question.get("options")
        if _is_number(most) and isinstance(options, list) and most > len(options):
            self._findings.add(
                (*path, "max_choices"),
                f"Cho chọn {most} phương án nhưng chỉ có {len(options)} phương án.",
            )

    # Factors and weights

    def _check_factor(self, path: Path, section: Mapping[str, Any]) -> None:
        is_factor = section.get("factor", False)
        questions = _entries(section, "questions", path)
        criteria = [at for at, question in questions if question.get("role") == Role.CRITERION]
        if is_factor is True and not criteria and self._roles_are_clear(questions):
            self._findings.add(
                (*path, "factor"), "Yếu tố phải có ít nhất một tiêu chí (role: criterion)."
            )
        if is_factor is False and criteria and not self._findings.covers((*path, "factor")):
            self._findings.add(
                (*criteria[0], "role"),
                "Tiêu chí nằm ngoài yếu tố. Hãy thêm “factor: true” vào phần này hoặc đổi vai trò.",
            )

    def _roles_are_clear(self, questions: list[_Entry]) -> bool:
        return bool(questions) and not any(
            self._findings.covers((*path, key)) for path, _ in questions for key in ("role", "kind")
        )

    def _check_weights(self) -> None:
        scoring = self._tree.get("scoring")
        if not isinstance(scoring, dict) or "sections" not in self._tree:
            return
        path: Path = ("scoring", "weights")
        weights = scoring.get("weights", {})
        if not isinstance(weights, dict):
            return
        factors = _codes(entry for entry in self._sections if _value(entry[1], "factor"))
        for code in weights:
            if code not in factors:
                self._findings.add((*path, code), f"Không có yếu tố nào mang mã “{code}”.")
        missing = [code for code in factors if code not in weights]
        if scoring.get("roll_up") == RollUp.WEIGHTED and missing:
            message = "Cách tính “weighted” cần trọng số của mọi yếu tố; còn thiếu: {}."
            self._findings.add(path, message.format(", ".join(missing)))

    # Skip rules

    def _check_rules(self) -> None:
        places = {code: place for place, code in reversed(list(enumerate(self._all_codes())))}
        for place, (path, question) in enumerate(self._questions):
            for at, condition in _entries(question, "ask_when", path):
                name = condition.get("question")
                if not isinstance(name, str) or not name:
                    continue
                if name not in places:
                    message = f"Không có câu hỏi nào mang mã “{name}”."
                elif places[name] >= place:
                    message = f"Câu “{name}” không đứng trước câu này nên không làm điều kiện được."
                else:
                    self._check_condition(at, condition, self._questions[places[name]][1])
                    continue
                self._findings.add((*at, "question"), message)

    def _all_codes(self) -> list[str]:
        return [
            code if isinstance(code := _value(question, "code"), str) else ""
            for _, question in self._questions
        ]

    def _check_condition(
        self, path: Path, condition: Mapping[str, Any], target: Mapping[str, Any]
    ) -> None:
        kind = target.get("kind")
        if kind not in list(QuestionKind):
            return
        if kind not in _CHOICE_KINDS:
            message = "Điều kiện phải dựa vào câu hỏi lựa chọn (scale, single hoặc multiple)."
            self._findings.add((*path, "question"), message)
            return
        codes = self._choices(target)
        if codes is None:
            return
        for key in ("is", "is_not"):
            items = _strings(condition, key, path)
            self._check_once(items, "Phương án")
            self._check_known(items, codes, "không phải phương án của câu được nêu")

    def _choices(self, question: Mapping[str, Any]) -> list[str] | None:
        """The codes that can be answered; None where a mistake elsewhere leaves them unknown."""
        owner, key = question, "options"
        if question.get("kind") == QuestionKind.SCALE:
            scale = self._scales.get(str(question.get("scale")))
            owner, key = (scale, "levels") if isinstance(scale, dict) else ({}, "levels")
        codes = _codes(_entries(owner, key, ()))
        if not codes:
            return None
        return [*codes, NOT_APPLICABLE] if question.get("not_applicable") is True else codes


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_TEXT_KEYS = frozenset(
    {"title", "introduction", "thanks", "text", "hint", "label", "not_applicable"}
)


def _languages_used(node: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Every language key of every text, with its path."""
    steps: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        if path and path[-1] in _TEXT_KEYS:
            yield from (((*path, key), key) for key in node if key != PRIMARY_LANGUAGE)
            return
        steps = node.items()
    elif isinstance(node, list):
        steps = enumerate(node)
    for step, child in steps:
        yield from _languages_used(child, (*path, step))
