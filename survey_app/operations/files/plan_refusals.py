"""Why a design cannot be computed: the refusals of the estimators, said to officers."""

from collections.abc import Callable, Mapping
from typing import Any

from survey_app.estimation.refusal import PlanRefusal, Refused
from survey_app.reporting.files import wording as file_wording
from survey_app.reporting.formats import as_written

_GROUPS = {"stratum": "tầng", "cluster": "cụm"}
_LABELS = {"strata": "tầng", "clusters": "cụm"}

Values = Mapping[str, Any]


def _no_such_rows(values: Values) -> str:
    return f"Không có dòng nào có {file_wording.condition(values['condition'])}."


def _blank_label(values: Values) -> str:
    labels = _LABELS[values["labels"]]
    return f"Cột {labels} có ô trống; mỗi dòng phải thuộc một {labels}."


def _mixed_population(values: Values) -> str:
    return f"Số lượng phải như nhau ở mọi dòng của cùng một {_GROUPS[values['group']]}."


def _small_population(values: Values) -> str:
    population, sample = as_written(values["population"]), as_written(values["sample"])
    group = _GROUPS[values["group"]]
    return f"Số lượng của một {group} là {population}, ít hơn {sample} đã có trong mẫu."


_SENTENCES: Mapping[Refused, Callable[[Values], str]] = {
    Refused.NO_ROWS: lambda _: "Tệp không có dòng số liệu nào.",
    Refused.NO_SUCH_ROWS: _no_such_rows,
    Refused.BLANK_LABEL: _blank_label,
    Refused.BAD_WEIGHT: lambda _: "Trọng số phải là số từ 0 trở lên, không để trống.",
    Refused.NO_WEIGHT: lambda _: "Mọi trọng số đều bằng 0.",
    Refused.BLANK_POPULATION: lambda v: f"Số lượng của mỗi {_GROUPS[v['group']]} còn ô trống.",
    Refused.MIXED_POPULATION: _mixed_population,
    Refused.SMALL_POPULATION: _small_population,
}


def in_words(refusal: PlanRefusal) -> str:
    """The refusal in Vietnamese.

    >>> in_words(PlanRefusal(Refused.NO_WEIGHT, "all weights are 0"))
    'Mọi trọng số đều bằng 0.'
    """
    return _SENTENCES[refusal.code](refusal.values)
