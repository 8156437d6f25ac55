"""Group work: what many threads want at the same moment is done once for all of them: sheets go to
the disk in one transaction (group commit), rows are read by one statement."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class _Entry(Generic[Job, Result]):
    """One job in the line. ``woken`` is released when it is done, or when it is to lead."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.results: list[Result] = []
        self.error: BaseException | None = None
        self.woken = threading.Lock()
        self.woken.acquire()

    @property
    def is_done(self) -> bool:
        return bool(self.results) or self.error is not None


class GroupWork(Generic[Job, Result]):
    """Does jobs of many threads together. ``work`` takes some jobs and returns their results in
    order; while it runs, the next jobs gather. It begins after each of its jobs was given.

    There is no thread of its own: the first thread in the line works for all that wait behind it,
    then wakes them and hands the lead to the first of those that came meanwhile.
    """

    def __init__(self, work: Callable[[Sequence[Job]], Sequence[Result]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._guard = threading.Lock()
        self._line: list[_Entry[Job, Result]] = []
        self._is_led = False

    def do(self, job: Job) -> Result:
        """Returns when ``work`` has returned; raises what it raised."""
        return self.do_all([job])[0]

    def do_all(self, jobs: Sequence[Job]) -> list[Result]:
        """The same for jobs that stand in the line together: a few commits, not one each."""
        entries = [_Entry[Job, Result](job) for job in jobs]
        if not entries:
            return []
        with self._guard:
            self._line.extend(entries)
            leads, self._is_led = not self._is_led, True
        for entry in entries:
            if not leads:
                entry.woken.acquire()
            leads = False  # the lead goes on to whoever is woken next, perhaps to this very thread
            if not entry.is_done:
                self._lead()
        for entry in entries:
            if entry.error is not None:
                raise entry.error
        return [entry.results[0] for entry in entries]

    def _lead(self) -> None:
        with self._guard:
            batch, self._line = self._line[: self._most], self._line[self._most :]
        try:
            results = self._work([entry.job for entry in batch])
            for entry, result in zip(batch, results, strict=True):
                entry.results.append(result)
        except BaseException as error:  # noqa: BLE001  (each thread raises it for itself)
            for entry in batch:
                entry.error = error
        with self._guard:
            successor = self._line[0] if self._line else None
            self._is_led = successor is not None
        if successor:
            successor.woken.release()
        for entry in batch[1:]:
            entry.woken.release()
