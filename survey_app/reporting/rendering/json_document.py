"""Report → JSON: every figure with its codes, at full double precision, for other programs."""

import json
from typing import Any

from survey_app.estimation.estimate import Interval
from survey_app.reporting.report import (
    Block,
    Cell,
    Facts,
    KeyFigure,
    KeyFigures,
    Number,
    Percent,
    Points,
    PointsInterval,
    PValue,
    Quotes,
    Report,
    Row,
    Table,
    Withheld,
)

#: The document's own version: a change of meaning raises it.
FORMAT = "hailong-report/1"


def render_json(report: Report) -> bytes:
    """The document as UTF-8, ending in a newline."""
    text = json.dumps(json_document(report), ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def json_document(report: Report) -> dict[str, Any]:
    """The document as plain values. Proportions are in 0..1; what is withheld says why."""
    return {
        "format": FORMAT,
        "title": report.title,
        "subtitle": report.subtitle,
        "agency": report.letterhead.agency,
        "dated": report.letterhead.dated.isoformat(),
        "data_until": report.data_until.isoformat(),
        "source": report.source,
        "demo": report.is_demo,
        "key_figures": {
            item.code: _key_figure(item)
            for block in report.blocks
            if isinstance(block, KeyFigures)
            for item in block.figures
        },
        "tables": {table.code: _table(table) for table in report.tables},
        "comments": [t for b in report.blocks if isinstance(b, Quotes) for t in b.texts],
        "method": [fact for block in report.blocks for fact in _facts(block)],
    }


def _facts(block: Block) -> list[dict[str, str]]:
    if not isinstance(block, Facts):
        return []
    return [{"name": name, "value": value} for name, value in block.pairs]


def _key_figure(item: KeyFigure) -> dict[str, Any]:
    return {"label": item.label, "value": _cell(item.cell), "interval": _cell(item.interval)}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "description": table.description,
        "columns": [
            {"code": column.code, "heading": column.heading, "kind": column.kind.value}
            for _, column in table.figure_columns
        ],
        "rows": [_row(table, row) for row in table.rows],
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = {column.code: _cell(row.cells[place]) for place, column in table.figure_columns}
    return {"code": row.code, "level": row.level, "cells": cells}


def _cell(cell: Cell) -> Any:
    match cell:
        case Percent() | Points() | PValue() | Number():
            return cell.value
        case Interval() | PointsInterval():
            return {
                "low": cell.low,
                "high": cell.high,
                "method": cell.method.value,
                "confidence": cell.confidence,
            }
        case Withheld():
            return {"value": None, "reason": cell.reason.value}
    return cell
