"""The command that checks: a browser test fails only when it fails alone as well."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

TESTS = """
import pathlib
import pytest

pytestmark = pytest.mark.e2e

def test_steady():
    pass

def test_unsteady():
    before = pathlib.Path("was-here")
    assert before.exists() or before.touch()

def test_broken():
    assert pathlib.Path("is-mended").exists()
"""
SETTINGS = "[pytest]\nmarkers = e2e\n"


@pytest.mark.parametrize(("mended", "failed"), [(False, 1), (True, 0)])
def test_a_browser_test_has_a_second_turn(
    mended: bool,
    failed: int,
    dev: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_browser.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    if mended:
        (tmp_path / "is-mended").touch()
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "PYTHON", sys.executable)
    monkeypatch.setattr(dev, "TEST_RUNS", ([*dev.BROWSER_TESTS],))
    monkeypatch.setattr(dev, "set_up", lambda tests: None)
    monkeypatch.setattr(dev, "lint", list)
    assert dev.test([]) == failed
    told = capfd.readouterr().out
    assert "Unsteady browser tests, passed the second time only: 1" in told
    assert told.endswith(f"{3 - failed} passed, {failed} failed\n")


def test_a_run_that_broke_off_has_no_second_turn(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What failed in some run before would pass alone, and say nothing of this one."""
    monkeypatch.setattr(dev, "TEST_RUNS", ([*dev.BROWSER_TESTS],))
    monkeypatch.setattr(dev, "set_up", lambda tests: None)
    monkeypatch.setattr(dev, "lint", list)
    ends = iter([(3, {"passed": 0, "failed": 1, "skipped": 0})])
    monkeypatch.setattr(dev, "pytest", lambda _: next(ends))
    assert dev.test([]) == 1
    assert capfd.readouterr().out.endswith("0 passed, 1 failed\n")
