"""What a report by the boundaries of today says of the units that it regroups."""

from collections.abc import Iterator, Sequence

from survey_app.reporting.origins import Regrouped
from survey_app.text import clean_line

#: So many units are named one by one.
MOST_NAMED = 40
PRESENT = "Số liệu được nêu theo địa giới hiện nay."


def sentences(regrouped: Sequence[Regrouped] | None) -> tuple[str, ...]:
    """That the boundaries are those of today, and each unit that was regrouped; nothing at all
    where they are those of the survey."""
    if regrouped is None:
        return ()
    found = each(regrouped) or ("Không có đơn vị nào được sắp xếp lại từ khi khảo sát.",)
    return PRESENT, *found


def each(regrouped: Sequence[Regrouped]) -> tuple[str, ...]:
    """What was done with each unit, of very many with the first ones."""
    found = [text for unit in regrouped[:MOST_NAMED] for text in _of_unit(unit)]
    if len(regrouped) > MOST_NAMED:
        found.append(f"Còn {len(regrouped) - MOST_NAMED} đơn vị khác cũng được gộp hoặc đã đổi.")
    return tuple(found)


def _of_unit(unit: Regrouped) -> Iterator[str]:
    name = clean_line(unit.name)
    if unit.is_divided:
        yield (
            f"{name} đã được chia tách sau khi khảo sát: không thể chia các phiếu đã thu cho từng "
            "phần, nên đơn vị được nêu như trước khi chia tách."
        )
    elif unit.is_ended:
        yield f"{name} đã kết thúc hoạt động, không có đơn vị kế tục."
    if unit.was != (unit.name,):
        yield (
            f"{name} gồm {_names(unit.was)} khi khảo sát; mỗi đơn vị khi đó là một tầng của mẫu."
        )
    if unit.missing:
        yield (
            f"{name}: {_names(unit.missing)} không có trong cuộc khảo sát này, nên kết quả chỉ nói "
            "về phần còn lại."
        )


def _names(names: Sequence[str]) -> str:
    """ "Xã A, Xã B và Xã C" """
    found = [clean_line(name) for name in names]
    return f"{', '.join(found[:-1])} và {found[-1]}" if len(found) > 1 else found[0]
