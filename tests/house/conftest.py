"""What the guards look at: the files of the checkout, as git sees them."""

import ast
import importlib.util
import subprocess
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
#: Where there is no git (an unpacked archive), these are not part of the tree.
IGNORED = {".git", ".venv", "var", "__pycache__", ".env"}
CACHES = ("_cache", ".egg-info")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tree() -> list[Path]:
    """Every file of the checkout that is not ignored, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    names = done.stdout.split("\0") if done.returncode == 0 else _walk()
    return sorted(Path(name) for name in names if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def texts(tree: list[Path]) -> dict[Path, str]:
    """The content of every text file of the tree."""
    contents = {path: (ROOT / path).read_bytes() for path in tree}
    return {path: data.decode() for path, data in contents.items() if b"\0" not in data}


@pytest.fixture(scope="session")
def modules(texts: dict[Path, str]) -> dict[Path, str]:
    """The source of every Python file of the tree, the script ``dev`` included."""
    return {path: text for path, text in texts.items() if path.suffix == ".py"} | {
        Path("dev"): texts[Path("dev")]
    }


@pytest.fixture(scope="session")
def trees(texts: dict[Path, str]) -> dict[Path, ast.Module]:
    """The product's modules, parsed."""
    return {
        path: ast.parse(text)
        for path, text in texts.items()
        if path.parts[0] == "survey_app" and path.suffix == ".py"
    }


@pytest.fixture(scope="session")
def dev(root: Path) -> ModuleType:
    """The script of that name, not performed."""
    loader = SourceFileLoader("dev_script", str(root / "dev"))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _walk() -> list[str]:
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
    return [
        str(path)
        for path in paths
        if not IGNORED.intersection(path.parts)
        and not any(part.endswith(CACHES) for part in path.parts)
    ]
