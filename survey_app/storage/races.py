"""Two who do the same thing at one moment: the later one looks again and sees what was done.

What looks first and then stores has a gap in between on PostgreSQL: both look, both find nothing,
and a constraint refuses the second. It is asked once more, and then finds what the first has
stored: it says so in its own words, or has nothing left to do. SQLite lets one write at a time.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

P = ParamSpec("P")
R = TypeVar("R")

#: SQLSTATE: unique_violation, serialization_failure, deadlock_detected.
_OVERTAKEN_STATES = frozenset({"23505", "40001", "40P01"})
_OVERTAKEN_NAMES = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


def looks_again(
    operation: Callable[Concatenate[Session, P], R],
) -> Callable[Concatenate[Session, P], R]:
    """Have an operation done once more when somebody was faster; it must not outlive its call
    otherwise than by the session, and takes no iterators."""

    @wraps(operation)
    def twice_at_most(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with session.begin_nested():
                return operation(session, *args, **kwargs)
        except IntegrityError as error:
            if not is_overtaken(error):
                raise
        with session.begin_nested():
            return operation(session, *args, **kwargs)

    return twice_at_most


def is_overtaken(error: Exception) -> bool:
    """Whether somebody else's change of the same moment is what stands against this one."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", None)
    return state in _OVERTAKEN_STATES or name in _OVERTAKEN_NAMES
