"""Numbers of rows in addresses: one that no row can have is an address of nothing (404)."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

#: What an integer column of either database holds.
LARGEST_ID = 2**31 - 1


class IdConverter(IntegerConverter):
    """``<int:…>`` in an address, refused before the number reaches a query."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST_ID, **options})


def init_identifiers(app: Flask) -> None:
    """Every whole number in an address is bounded; before any blueprint is registered."""
    app.url_map.converters["int"] = IdConverter


def parse_id(text: str) -> int:
    """The number of a row in a query string. Raises ValueError for what none can be."""
    number = int(text)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(text)
    return number
