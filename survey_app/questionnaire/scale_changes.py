"""The edits of answer scales, for all questions on a scale at once."""

from collections.abc import Iterable, Iterator

from survey_app.questionnaire.definition import Option, Question, Questionnaire, Scale
from survey_app.questionnaire.edits import Change, ChangeKind, Subject, both, text_changes


def scale_changes(earlier: Questionnaire, later: Questionnaire) -> Iterator[Change]:
    """Edits of the scales that both have under one code, for all questions on them at once."""
    old, new = (_scales(questionnaire) for questionnaire in (earlier, later))
    for code, scale in new.items():
        if code in old and old[code] != scale:
            shared = frozenset(
                q.code
                for q in later.questions
                if q.code in earlier and all(_is_on(one[q.code], code) for one in (earlier, later))
            )
            yield from scale_edits(Subject.SCALE, code, old[code], scale, shared)


def _scales(questionnaire: Questionnaire) -> dict[str, Scale]:
    return {q.scale.code: q.scale for q in questionnaire.questions if q.scale}


def _is_on(question: Question, scale: str) -> bool:
    return question.scale is not None and question.scale.code == scale


def scale_edits(
    subject: Subject, code: str, before: Scale, after: Scale, questions: frozenset[str]
) -> Iterator[Change]:
    is_other = not _can_be_laid_together(before, after)
    old, new = ([level.code for level in scale.levels] for scale in (before, after))
    if old != new:
        sides = both(_listed, before.levels, after.levels)
        yield Change(ChangeKind.SCALE, subject, code, "levels", *sides, questions, is_other)
    if _satisfied(before) != _satisfied(after):
        sides = both(_listed, _satisfied_levels(before), _satisfied_levels(after))
        yield Change(ChangeKind.SCALE, subject, code, "satisfied", *sides, questions, True)
    labels = {level.code: level.label for level in before.levels}
    for level in after.levels:
        if level.code in labels:
            yield from text_changes(
                subject,
                code,
                f"level {level.code}",
                labels[level.code],
                level.label,
                ChangeKind.SCALE,
                questions,
            )
    yield from text_changes(
        subject, code, "not_applicable", before.not_applicable, after.not_applicable
    )


def _can_be_laid_together(before: Scale, after: Scale) -> bool:
    """Whether answers on both scales could be one series: as many levels, none in another place,
    and the same places count as satisfied."""
    codes = [[level.code for level in scale.levels] for scale in (before, after)]
    stays = all(
        old == new or (old not in codes[1] and new not in codes[0])
        for old, new in zip(*codes, strict=False)
    )
    return len(codes[0]) == len(codes[1]) and stays and _satisfied(before) == _satisfied(after)


def _satisfied(scale: Scale) -> list[bool]:
    return [level.code in scale.satisfied for level in scale.levels]


def _satisfied_levels(scale: Scale) -> list[Option]:
    return [level for level in scale.levels if level.code in scale.satisfied]


def _listed(options: Iterable[Option]) -> str:
    return " · ".join(f"{option.label} ({option.code})" for option in options)
