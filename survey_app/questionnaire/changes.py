"""What is different between two versions of a questionnaire, each edit with its class."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from survey_app.questionnaire.definition import (
    Condition,
    Question,
    Questionnaire,
    Role,
    RollUp,
    Scale,
    ScoringMethod,
    Section,
)
from survey_app.questionnaire.edits import Change, ChangeKind, Subject, both, text_changes
from survey_app.questionnaire.scale_changes import scale_changes, scale_edits
from survey_app.questionnaire.spelling import is_same_subject


def find_changes(earlier: Questionnaire, later: Questionnaire) -> tuple[Change, ...]:
    """Every edit that leads from ``earlier`` to ``later``, in the order of the later document.

    Questions, sections and scales are the same where their codes are. The two documents are equal
    exactly where nothing is found.
    """
    return (
        *_questionnaire_changes(earlier, later),
        *scale_changes(earlier, later),
        *_section_changes(earlier, later),
        *_question_changes(earlier, later),
        *_scoring_changes(earlier.scoring, later.scoring),
    )


def _questionnaire_changes(earlier: Questionnaire, later: Questionnaire) -> Iterator[Change]:
    whole = Subject.QUESTIONNAIRE
    if earlier.code != later.code:
        yield Change(ChangeKind.FRAME, whole, "", "code", earlier.code, later.code)
    for part in ("title", "introduction", "thanks"):
        yield from text_changes(whole, "", part, getattr(earlier, part), getattr(later, part))
    if earlier.languages != later.languages:
        spoken = both(lambda one: ", ".join(one.languages), earlier, later)
        yield Change(ChangeKind.TRANSLATION, whole, "", "languages", *spoken)


# ── sections ──────────────────────────────────────────────────────────────────────────────────


def _section_changes(earlier: Questionnaire, later: Questionnaire) -> Iterator[Change]:
    old = {section.code: section for section in earlier.sections}
    moved = _moved([s.code for s in earlier.sections], [s.code for s in later.sections])
    for section in later.sections:
        before = old.pop(section.code, None)
        if before is None:
            yield _whole_section(ChangeKind.ADDED, section, after=str(section.title))
            continue
        if section.code in moved:
            yield Change(ChangeKind.MOVED, Subject.SECTION, section.code, "order")
        yield from _section_edits(before, section)
    for section in old.values():
        yield _whole_section(ChangeKind.REMOVED, section, before=str(section.title))


def _whole_section(
    kind: ChangeKind, section: Section, *, before: str = "", after: str = ""
) -> Change:
    """A section that came or went; its questions have changes of their own."""
    is_fixed = bool(section.criteria)
    return Change(kind, Subject.SECTION, section.code, "section", before, after, is_fixed=is_fixed)


def _section_edits(before: Section, after: Section) -> Iterator[Change]:
    code = after.code
    if before.is_factor != after.is_factor:
        sides = both(lambda section: "factor" if section.is_factor else "", before, after)
        yield Change(ChangeKind.MEANING, Subject.SECTION, code, "factor", *sides, is_fixed=True)
    for part in ("title", "introduction"):
        yield from text_changes(
            Subject.SECTION, code, part, getattr(before, part), getattr(after, part)
        )


# ── questions ─────────────────────────────────────────────────────────────────────────────────


def _question_changes(earlier: Questionnaire, later: Questionnaire) -> Iterator[Change]:
    homes = {q.code: section for section in earlier.sections for q in section.questions}
    for section in later.sections:
        stayed = [q.code for q in section.questions if _home(homes, q.code) == section.code]
        before = [code for code in homes if code in stayed]
        moved = _moved(before, stayed)
        for question in section.questions:
            if question.code not in earlier:
                yield _whole_question(ChangeKind.ADDED, question, after=str(question.text))
                continue
            yield from _place_changes(homes[question.code], section, question, moved)
            yield from _question_edits(earlier[question.code], question)
    for question in earlier.questions:
        if question.code not in later:
            yield _whole_question(ChangeKind.REMOVED, question, before=str(question.text))


def _home(homes: dict[str, Section], code: str) -> str | None:
    return homes[code].code if code in homes else None


def _whole_question(
    kind: ChangeKind, question: Question, *, before: str = "", after: str = ""
) -> Change:
    code = question.code
    alone = frozenset({code})
    return Change(kind, Subject.QUESTION, code, "question", before, after, alone, True)


def _place_changes(
    before: Section, after: Section, question: Question, moved: frozenset[str]
) -> Iterator[Change]:
    """A question in another section; a criterion there makes two factors of other criteria."""
    code, alone = question.code, frozenset({question.code})
    if before.code != after.code:
        titles = (str(before.title), str(after.title))
        is_fixed = question.role is Role.CRITERION
        yield Change(ChangeKind.MOVED, Subject.QUESTION, code, "section", *titles, alone, is_fixed)
    elif code in moved:
        yield Change(ChangeKind.MOVED, Subject.QUESTION, code, "order", questions=alone)


def _question_edits(before: Question, after: Question) -> Iterator[Change]:
    code, alone = after.code, frozenset({after.code})
    for part in ("kind", "role"):
        if getattr(before, part) is not getattr(after, part):
            sides = both(str, getattr(before, part), getattr(after, part))
            yield Change(ChangeKind.MEANING, Subject.QUESTION, code, part, *sides, alone, True)
    yield from text_changes(
        Subject.QUESTION, code, "text", before.text, after.text, _text_kind(before, after), alone
    )
    yield from text_changes(Subject.QUESTION, code, "hint", before.hint, after.hint)
    if before.scale and after.scale and before.scale.code != after.scale.code:
        yield from _exchanged_scale(code, before.scale, after.scale, alone)
    if before.kind is after.kind:
        yield from _option_changes(before, after)
        yield from _bound_changes(before, after)
    yield from _audience_changes(before, after)


def _text_kind(before: Question, after: Question) -> ChangeKind:
    is_near = is_same_subject(str(before.text), str(after.text))
    return ChangeKind.WORDING if is_near else ChangeKind.MEANING


def _exchanged_scale(
    code: str, before: Scale, after: Scale, alone: frozenset[str]
) -> Iterator[Change]:
    """Another scale under another code: an edit of this question alone."""
    edits = tuple(scale_edits(Subject.QUESTION, code, before, after, alone))
    yield from edits
    if not edits:
        yield Change(ChangeKind.FRAME, Subject.QUESTION, code, "scale", before.code, after.code)


def _option_changes(before: Question, after: Question) -> Iterator[Change]:
    code, alone = after.code, frozenset({after.code})
    old, new = ({option.code: option for option in q.options} for q in (before, after))
    for option in before.options:
        if option.code not in new:
            part, said = f"option {option.code}", str(option.label)
            yield Change(
                ChangeKind.OPTIONS, Subject.QUESTION, code, part, said, "", alone, is_fixed=True
            )
    moved = _moved([c for c in old if c in new], [c for c in new if c in old])
    for option in after.options:
        part = f"option {option.code}"
        if option.code not in old:
            said = str(option.label)
            yield Change(
                ChangeKind.OPTIONS, Subject.QUESTION, code, part, "", said, alone, is_fixed=True
            )
            continue
        if option.code in moved:
            yield Change(ChangeKind.MOVED, Subject.QUESTION, code, part, questions=alone)
        label = old[option.code].label
        yield from text_changes(
            Subject.QUESTION, code, part, label, option.label, ChangeKind.OPTIONS, alone
        )


def _bound_changes(before: Question, after: Question) -> Iterator[Change]:
    """What may be answered: how many options, which numbers; a text's length bounds no figure."""
    alone = frozenset({after.code})
    for part in ("max_choices", "minimum", "maximum", "max_length"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            kind = ChangeKind.FRAME if part == "max_length" else ChangeKind.OPTIONS
            sides = both(_bound, old, new)
            yield Change(kind, Subject.QUESTION, after.code, part, *sides, alone)


def _bound(bound: int | None) -> str:
    return "" if bound is None else str(bound)


def _audience_changes(before: Question, after: Question) -> Iterator[Change]:
    code, alone = after.code, frozenset({after.code})
    if before.required != after.required:
        sides = both(_flag, before.required, after.required)
        yield Change(ChangeKind.FRAME, Subject.QUESTION, code, "required", *sides, alone)
    if before.not_applicable != after.not_applicable:
        sides = both(_flag, before.not_applicable, after.not_applicable)
        yield Change(ChangeKind.AUDIENCE, Subject.QUESTION, code, "not_applicable", *sides, alone)
    if before.ask_when != after.ask_when:
        is_same = frozenset(before.ask_when) == frozenset(after.ask_when)
        kind = ChangeKind.FRAME if is_same else ChangeKind.AUDIENCE
        sides = both(_conditions, before.ask_when, after.ask_when)
        yield Change(kind, Subject.QUESTION, code, "ask_when", *sides, alone)


def _flag(is_set: bool) -> str:
    return "yes" if is_set else ""


def _conditions(conditions: Sequence[Condition]) -> str:
    return " & ".join(
        f"{c.question} {'≠' if c.negated else '='} {' | '.join(sorted(c.options))}"
        for c in conditions
    )


# ── scoring ───────────────────────────────────────────────────────────────────────────────────


def _scoring_changes(before: ScoringMethod, after: ScoringMethod) -> Iterator[Change]:
    if before.version != after.version:
        yield Change(
            ChangeKind.FRAME, Subject.SCORING, "", "version", before.version, after.version
        )
    for part in ("item", "roll_up"):
        if getattr(before, part) is not getattr(after, part):
            sides = both(str, getattr(before, part), getattr(after, part))
            yield Change(ChangeKind.METHOD, Subject.SCORING, "", part, *sides, is_fixed=True)
    if dict(before.weights) != dict(after.weights):
        counts = RollUp.WEIGHTED in (before.roll_up, after.roll_up)
        kind = ChangeKind.METHOD if counts else ChangeKind.FRAME
        sides = both(_weights, before, after)
        yield Change(kind, Subject.SCORING, "", "weights", *sides, is_fixed=counts)


def _weights(method: ScoringMethod) -> str:
    return ", ".join(f"{code}: {weight}" for code, weight in sorted(method.weights.items()))


# ── order ─────────────────────────────────────────────────────────────────────────────────────


def _moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """The codes of both that do not keep their order, read as few moves."""
    old, new = ([code for code in one if code in other] for one, other in _both(before, after))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {code for block in blocks for code in old[block.a : block.a + block.size]}
    return frozenset(new) - kept


def _both(one: Sequence[str], other: Sequence[str]) -> tuple[tuple[Sequence[str], set[str]], ...]:
    return (one, set(other)), (other, set(one))
