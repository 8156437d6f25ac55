"""The list a sample is drawn from: dated, checked, and recognisable by its fingerprint."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from survey_app.errors import Invalid, Problem


@dataclass(frozen=True)
class FrameRow:
    """One sampling unit: a dossier, a household, a commune.

    ``size`` is the measure of size for drawing with unequal probabilities, 1 where all are alike;
    ``line`` the 1-based line of the list it came from.
    """

    identifier: str
    stratum: str = ""
    size: float = 1.0
    line: int | None = None


@dataclass(frozen=True)
class Frame:
    """A checked list as it was on one day; made by :func:`make_frame`, in the order of the list."""

    as_of: date
    rows: tuple[FrameRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def strata(self) -> tuple[str, ...]:
        """The stratum of each row."""
        return tuple(row.stratum for row in self.rows)

    @property
    def sizes(self) -> tuple[float, ...]:
        """The measure of size of each row."""
        return tuple(row.size for row in self.rows)

    @property
    def stratum_counts(self) -> dict[str, int]:
        """N_h by stratum, in alphabetical order."""
        return dict(sorted(Counter(self.strata).items()))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of day, identifiers, strata and sizes in their order.

        A draw can be repeated from the same frame and the same seed; the fingerprint, noted
        beside the seed, shows that the frame is the same. Another order is another frame.
        """
        digest = hashlib.sha256(self.as_of.isoformat().encode())
        for row in self.rows:
            fields = (row.identifier, row.stratum, float(row.size).hex())
            digest.update("".join(f"\n{len(field)}:{field}" for field in fields).encode())
        return digest.hexdigest()


def make_frame(rows: Iterable[FrameRow], *, as_of: date) -> Frame:
    """A frame without gaps and duplicates; identifiers and strata are stripped of outer blanks.

    Raises Invalid with every problem: an empty list, blank identifiers, identifiers that stand
    more than once (a unit listed twice has twice the chance), strata given for some rows only,
    sizes that are not positive numbers.

    >>> from datetime import date
    >>> rows = [FrameRow("H01", "Phường A"), FrameRow("H02", "Xã B"), FrameRow("H03", "Xã B")]
    >>> make_frame(rows, as_of=date(2026, 1, 31)).stratum_counts
    {'Phường A': 1, 'Xã B': 2}
    """
    cleaned = tuple(
        FrameRow(row.identifier.strip(), row.stratum.strip(), row.size, row.line or number)
        for number, row in enumerate(rows, 1)
    )
    if not cleaned:
        raise Invalid("Danh sách chọn mẫu không có dòng nào.")
    has_strata = any(row.stratum for row in cleaned)
    first_lines: dict[str, int | None] = {}
    problems: list[Problem] = []
    for row in cleaned:
        problems += _problems_of(row, has_strata, first_lines)
    if problems:
        raise Invalid(f"Danh sách chọn mẫu có {len(problems)} chỗ cần sửa.", problems)
    return Frame(as_of, cleaned)


def _problems_of(
    row: FrameRow, has_strata: bool, first_lines: dict[str, int | None]
) -> list[Problem]:
    messages = []
    if not row.identifier:
        messages.append("thiếu mã.")
    elif row.identifier in first_lines:
        messages.append(f"mã đã có ở dòng {first_lines[row.identifier]}.")
    else:
        first_lines[row.identifier] = row.line
    if has_strata and not row.stratum:
        messages.append("thiếu tầng, trong khi các dòng khác có tầng.")
    if not (math.isfinite(row.size) and row.size > 0):
        messages.append("quy mô phải là một số dương.")
    return [Problem(message, row.identifier, row.line) for message in messages]
