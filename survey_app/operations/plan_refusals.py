"""Why a design cannot be computed: the refusals of the estimators, said to officers."""

import re
from collections.abc import Callable

_GROUPS = {"stratum": "tầng", "cluster": "cụm"}
_LABELS = {"strata": "tầng", "clusters": "cụm"}

#: What an estimator says → what an officer reads; groups of the pattern are filled in.
_SENTENCES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"no row has (.+)",
        lambda m: f"Không có dòng nào có {m[1].replace('=', ': ').replace(',', '; ')}.",
    ),
    (
        r"(strata|clusters): a label is blank",
        lambda m: f"Cột {_LABELS[m[1]]} có ô trống; mỗi dòng phải thuộc một {_LABELS[m[1]]}.",
    ),
    (r"weights must be numbers.*", lambda _: "Trọng số phải là số từ 0 trở lên, không để trống."),
    (r"all weights are 0", lambda _: "Mọi trọng số đều bằng 0."),
    (
        r"population of each (stratum|cluster): a count is blank",
        lambda m: f"Số lượng của mỗi {_GROUPS[m[1]]} còn ô trống.",
    ),
    (
        r"population of each (stratum|cluster): two counts within one .*",
        lambda m: f"Số lượng phải như nhau ở mọi dòng của cùng một {_GROUPS[m[1]]}.",
    ),
    (
        r"population of each (stratum|cluster): (\S+) is smaller than the sample of (\S+)",
        lambda m: f"Số lượng của một {_GROUPS[m[1]]} là {m[2]}, ít hơn {m[3]} đã có trong mẫu.",
    ),
    (r"the data have no rows", lambda _: "Tệp không có dòng số liệu nào."),
)


def in_words(error: ValueError) -> str:
    """The refusal in Vietnamese; one that no file can cause stands for itself.

    >>> in_words(ValueError("all weights are 0"))
    'Mọi trọng số đều bằng 0.'
    """
    for pattern, sentence in _SENTENCES:
        if match := re.fullmatch(pattern, str(error)):
            return sentence(match)
    return f"Không tính được theo kế hoạch này: {error}."
