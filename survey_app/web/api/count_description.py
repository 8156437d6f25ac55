"""The OpenAPI description of dossier counts."""

from typing import Any

from survey_app.operations.access.api_keys import KeyScope
from survey_app.operations.organisation.dossier_counts import MOST_DOSSIERS
from survey_app.operations.organisation.services import SERVICE_CODE
from survey_app.web.api.count_views import FIELDS, LARGEST_BODY, MOST_COUNTS

Document = dict[str, Any]

_UNIT: Document = {"type": "string", "minLength": 1, "maxLength": 35, "examples": ["H01.21"]}

SCHEMAS: Document = {
    "DossierCounts": {
        "type": "object",
        "additionalProperties": False,
        "required": ["counts"],
        "properties": {
            "counts": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_COUNTS,
                "items": {"$ref": "#/components/schemas/DossierCount"},
            }
        },
    },
    "DossierCount": {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, is_required in FIELDS.items() if is_required],
        "properties": {
            "month": {"type": "string", "examples": ["2026-06"]},
            "receiving_unit": _UNIT | {"description": "Where dossiers were handed in."},
            "resolving_unit": _UNIT
            | {"description": "Who resolved them; by default the receiving unit."},
            "service": {
                "type": "string",
                "pattern": f"^{SERVICE_CODE.pattern}$",
                "description": "Code of a procedure in the list of services.",
                "examples": ["1.001193"],
            },
            "dossiers": {
                "type": "integer",
                "minimum": 0,
                "maximum": MOST_DOSSIERS,
                "description": "Dossiers resolved in the month.",
            },
        },
    },
    "CountOutcome": {
        "type": "object",
        "required": ["created", "changed", "unchanged"],
        "properties": {
            name: {"type": "integer", "minimum": 0} for name in ("created", "changed", "unchanged")
        },
    },
}

#: Status → sentence and schema.
REPLIES: dict[str, tuple[str, str]] = {
    "200": ("Stored, all of them. The same again changes nothing.", "CountOutcome"),
    "401": ("No key, or one that is unknown, expired or revoked.", "Error"),
    "403": (f"The key lacks the scope {KeyScope.DOSSIER_COUNTS}.", "Error"),
    "413": (f"The body is larger than {LARGEST_BODY // 1024} KiB.", "Error"),
    "422": ("Every mistake, by field; nothing was stored.", "FieldProblems"),
    "429": ("Too many requests with this key in a minute.", "Error"),
}
