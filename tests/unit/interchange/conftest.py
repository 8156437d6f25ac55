"""What the tests of interchange share."""

import pytest

from survey_app.spreadsheets import opening
from survey_app.spreadsheets.process import read_sheets
from survey_app.spreadsheets.sheet import Sheet


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are opened here: starting a process for each would take most of the time."""

    def opened(data: bytes, most: int, clean: opening._Clean, with_hidden: bool) -> list[Sheet]:
        sheets = read_sheets(data, most + 2, with_hidden=with_hidden)
        return [opening._sheet(name, rows, clean) for name, rows in sheets]

    monkeypatch.setattr(opening, "_workbook_sheets", opened)
