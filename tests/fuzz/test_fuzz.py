"""The public endpoints under hostile requests: no failure, no hang, no lost sheet."""

from pathlib import Path

from tests.fuzz.attack import attack

REQUESTS, CASES = 360, 25


def test_hostile_requests_break_nothing_and_lose_no_sheet(tmp_path: Path) -> None:
    found = attack(f"sqlite:///{tmp_path / 'hailong.db'}", tmp_path, requests=REQUESTS, cases=CASES)
    assert found.failures == []
    assert found.sent == REQUESTS
    assert found.described > 2 * CASES
    assert sum(found.replies[status] for status in (400, 404, 405, 413, 422)) > REQUESTS // 4
    assert found.during > 0, "sheets were taken while all this went on"
    outcome = found.outcome
    assert outcome
    assert outcome.acknowledged > 0
    assert (outcome.lost, outcome.wrong) == (0, ())
