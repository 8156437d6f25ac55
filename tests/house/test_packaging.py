"""The packages: pins agree with pyproject.toml, licences are known, lists exist once."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from survey_app.web.bodies import MOST_READING
from survey_app.web.express import MOST_AT_WORK

PIN = re.compile(r"^(?P<pin>[\w.-]+==[^\\]+?)\s*\\?$", re.MULTILINE)
#: Licences that ask for no more than a notice; all others are named one by one in NOTICE.
PERMISSIVE = re.compile(
    r"MIT(-0|-CMU)?|BSD[\w-]*|0BSD|Apache[\w.-]*|ISC|Zlib|PSF-2\.0|CC0-1\.0|Python", re.IGNORECASE
)
RESTRICTED = re.compile(r"\b(A?GPL|LGPL|MPL|EUPL|Mozilla|GNU)", re.IGNORECASE)


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, object]:
    return tomllib.loads((root / "pyproject.toml").read_text())


def pins(path: Path) -> dict[str, Requirement]:
    found = (Requirement(match["pin"].strip()) for match in PIN.finditer(path.read_text()))
    return {canonicalize_name(pin.name): pin for pin in found}


def unmet(wanted: Iterable[str], pinned: dict[str, Requirement]) -> list[str]:
    def is_met(requirement: Requirement) -> bool:
        pin = pinned.get(canonicalize_name(requirement.name))
        return pin is not None and str(pin.specifier)[2:] in requirement.specifier

    return [text for text in wanted if not is_met(Requirement(text))]


def licence_of(name: str) -> str:
    described = metadata.metadata(name)
    classifiers = described.get_all("Classifier") or []
    classified = [c.split(" :: ")[-1] for c in classifiers if c.startswith("License ::")]
    stated = described.get("License-Expression") or " OR ".join(classified)
    return stated or (described.get("License") or "").splitlines()[0]


def test_runtime_pins_satisfy_the_project(
    root: Path, project: dict[str, dict[str, list[str]]]
) -> None:
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    assert unmet(wanted, pins(root / "requirements.txt")) == []


def test_test_pins_satisfy_the_group(root: Path, project: dict[str, dict[str, list[str]]]) -> None:
    wanted = project["dependency-groups"]["dev"]
    assert unmet(wanted, pins(root / "requirements-dev.txt")) == []


@pytest.mark.parametrize("other", ["requirements-dev.txt", "deploy/requirements-postgres.txt"])
def test_the_lists_agree_on_versions(other: str, root: Path) -> None:
    runtime, more = pins(root / "requirements.txt"), pins(root / other)
    shared = runtime.keys() & more.keys()
    assert {n for n in shared if runtime[n].specifier != more[n].specifier} == set()
    assert other != "requirements-dev.txt" or runtime.keys() == shared


def test_postgres_extra_is_what_deploy_pins(
    root: Path, project: dict[str, dict[str, dict[str, list[str]]]]
) -> None:
    asked = (root / "deploy" / "requirements-postgres.in").read_text().split()
    assert asked == project["project"]["optional-dependencies"]["postgres"]


def test_every_pin_has_a_hash(root: Path) -> None:
    for path in [*root.glob("requirements*.txt"), *root.glob("deploy/requirements*.txt")]:
        blocks = re.split(r"^(?=\w)", path.read_text(), flags=re.MULTILINE)
        assert [b.split()[0] for b in blocks if "==" in b and "--hash=sha256:" not in b] == []


def test_licences_are_permissive_or_named_in_the_notice(root: Path) -> None:
    notice = (root / "NOTICE").read_text().lower()
    pinned = pins(root / "requirements.txt") | pins(root / "deploy/requirements-postgres.txt")
    unknown = {}
    for name, pin in pinned.items():
        if pin.marker and not pin.marker.evaluate():
            continue
        licence = licence_of(name)
        is_permissive = PERMISSIVE.search(licence) and not RESTRICTED.search(licence)
        if not is_permissive and not re.search(rf"^\W*{re.escape(name)}\b", notice, re.MULTILINE):
            unknown[name] = licence
    assert unknown == {}


def test_container_installs_from_the_list_of_system_packages(root: Path) -> None:
    dockerfile = (root / "deploy" / "Dockerfile").read_text()
    assert "apt.txt" in dockerfile
    lines = (root / "deploy" / "apt.txt").read_text().splitlines()
    names = {n for line in lines if line[:1].isalpha() for n in line.split()[0].split("|")}
    # Named once, in apt.txt: a second list would grow apart from it.
    assert {name for name in names if name in dockerfile} == set()


def test_more_threads_than_bodies_that_are_waited_for(root: Path) -> None:
    for name in ("dev", "deploy/Dockerfile", "deploy/systemd/hailong-web.service"):
        text = (root / name).read_text()
        (threads,) = re.findall(r'--blocking-threads"?,? "?(\d+)', text)
        assert int(threads) >= MOST_READING + MOST_AT_WORK, name


def test_every_system_package_has_its_proof(root: Path) -> None:
    for name in ("apt.txt", "apt-test.txt"):
        for line in (root / "deploy" / name).read_text().splitlines():
            assert line.startswith("#") or re.fullmatch(
                r"[a-z0-9.+|-]+\??\s+(library|command|font):\S.*", line
            )
