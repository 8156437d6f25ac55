"""What every test would do again is done once per process; passwords are hashed cheaply.

Nothing is pretended: templates, addresses and hashes are made by the same code as in the product.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from pytest import MonkeyPatch
from werkzeug.routing import Rule

from survey_app.operations.access import passwords

#: The product's own hasher, for the test that looks at its strength.
real_hasher = passwords._hasher


class CompiledTemplates(BytecodeCache):
    """Keeps what a template was compiled to, as long as its text stays the same."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class KnownRule(Rule):
    """A rule whose function that builds addresses was compiled for an earlier application."""

    _known: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}  # noqa: RUF012

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.subdomain, self.rule, repr(self.defaults), append_unknown)
        if key not in self._known:
            self._known[key] = super()._compile_builder(append_unknown)
        return self._known[key]


@lru_cache(maxsize=1)
def cheap_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def economise(patch: MonkeyPatch) -> None:
    """For all applications of this process; other processes are the product unchanged."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
    patch.setattr(Flask, "jinja_options", options)
    patch.setattr(Flask, "url_rule_class", KnownRule)
    patch.setattr(passwords, "_hasher", cheap_hasher)
