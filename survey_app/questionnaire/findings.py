"""The mistakes found in a document so far, so that one mistake is reported once."""

from collections.abc import Mapping

from survey_app.errors import Invalid, Problem

#: Mistakes told at once; nobody mends more before looking again.
MOST_TOLD = 200
#: Where something stands in a document: keys and 0-based list positions, from the root.
Path = tuple[str | int, ...]


def readable(path: Path) -> str:
    """The path as people read it, entries counted from 1: ``sections[2].questions[1].scale``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f".{step}" if text else step
    return text


class Findings:
    """Collects problems and leaves out those that only follow from one already known.

    ``lines`` gives the 1-based line of every path that stands in the document.
    """

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self._found: list[Problem] = []
        self._marked: set[Path] = set()
        self._closed: set[Path] = set()

    def add(self, path: Path, message: str) -> None:
        """Notes a mistake at ``path``, unless something there has been reported already."""
        if not self.covers(path):
            self._marked.add(path)
            self.add_at_line(self._line(path), message, path)

    def add_at_line(self, line: int, message: str, path: Path = ()) -> None:
        """Notes a mistake of a line as such, whatever is known about ``path``."""
        self._found.append(Problem(message, readable(path), line))

    def close(self, path: Path) -> None:
        """Keeps silent from now on about ``path`` and everything below it."""
        self._closed.add(path)

    def covers(self, path: Path) -> bool:
        """Whether a mistake at ``path`` would only repeat what has been reported."""
        if path in self._marked:
            return True
        return any(path[:length] in self._closed for length in range(len(path) + 1))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, in the order of the document's lines."""
        return tuple(sorted(self._found, key=lambda problem: problem.line or 0))

    def refuse_if_any(self, what: str) -> None:
        """Raises Invalid with the problems of ``what`` (or the first MOST_TOLD), if there are."""
        problems = self.problems
        if not problems:
            return
        rest = f" Dưới đây là {MOST_TOLD} chỗ đầu." if len(problems) > MOST_TOLD else ""
        raise Invalid(f"{what} có {len(problems)} chỗ cần sửa.{rest}", problems[:MOST_TOLD])

    def _line(self, path: Path) -> int:
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)
