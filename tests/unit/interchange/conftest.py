"""What the tests of interchange share."""

import pytest

from survey_app import spreadsheets
from survey_app.spreadsheet_process import read_sheets


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are opened here: starting a process for each would take most of the time."""

    def opened(
        data: bytes, most: int, clean: spreadsheets._Clean, with_hidden: bool
    ) -> list[spreadsheets.Sheet]:
        sheets = read_sheets(data, most + 2, with_hidden=with_hidden)
        return [spreadsheets._sheet(name, rows, clean) for name, rows in sheets]

    monkeypatch.setattr(spreadsheets, "_workbook_sheets", opened)
