"""The direction of dependence: the import contracts of pyproject.toml hold."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def contracts(root: Path) -> list[dict[str, object]]:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    return list(settings["tool"]["importlinter"]["contracts"])


def test_contracts_hold(root: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_contract_is_weakened(contracts: list[dict[str, object]]) -> None:
    assert [contract["name"] for contract in contracts if "ignore_imports" in contract] == []


def test_there_are_nine_contracts(contracts: list[dict[str, object]]) -> None:
    assert [str(contract["name"]).split(".")[0] for contract in contracts] == list("123456789")
