"""The OpenAPI description of invitations: one-time links for other software."""

from typing import Any

from survey_app.copied_codes import ALPHABET
from survey_app.operations.access.api_keys import PREFIX, KeyScope
from survey_app.operations.fieldwork.links import ONE_TIME_TOKEN_LENGTH
from survey_app.operations.invitations.invitations import MOST_INVITATIONS, REPEATABLE_FOR
from survey_app.web.api.invitation_reading import (
    IDEMPOTENCY_KEY,
    LONGEST_REFERENCE,
    MOST_SQUARES,
    SQUARES,
)
from survey_app.web.api.invitation_views import LARGEST_BODY

Document = dict[str, Any]

SECURITY_SCHEMES: Document = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": f"A key made by an administrator, `{PREFIX}…`, good for certain scopes in "
        "one branch of the tree of units, until a day.",
    }
}

PARAMETER: Document = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": True,
    "description": "The caller's own name for this request, best a UUID. Within "
    f"{REPEATABLE_FOR.days} days the same request under the same name gives the same codes.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"},
}

SCHEMAS: Document = {
    "InvitationRequest": {
        "type": "object",
        "additionalProperties": False,
        "required": ["survey", "unit", "invitations"],
        "properties": {
            "survey": {
                "type": "string",
                "minLength": 1,
                "maxLength": 300,
                "description": "Code of the survey.",
                "examples": ["2026-q4"],
            },
            "unit": {
                "type": "string",
                "minLength": 1,
                "maxLength": 300,
                "description": "Code of the unit, in the branch of the key.",
                "examples": ["H01.01"],
            },
            "point": {
                "type": ["string", "null"],
                "minLength": 1,
                "maxLength": 300,
                "description": "Code of the collection point, needed where the unit has several.",
                "examples": ["K7Q4MZ2P"],
            },
            "expires_on": {
                "type": ["string", "null"],
                "format": "date",
                "description": "Last day on which the codes are good, by default that of the "
                "survey.",
            },
            "qr": {
                "type": ["string", "null"],
                "enum": [*SQUARES, None],
                "description": "Wanted kind of picture of each QR code; with one, a request may "
                f"hold {MOST_SQUARES} invitations at most.",
            },
            "invitations": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_INVITATIONS,
                "items": {"$ref": "#/components/schemas/InvitationWanted"},
            },
        },
    },
    "InvitationWanted": {
        "type": "object",
        "additionalProperties": False,
        "required": ["reference"],
        "properties": {
            "reference": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_REFERENCE,
                "description": "By what the caller recognises the item. Given back, never stored.",
            }
        },
    },
    "Invitations": {
        "type": "object",
        "required": ["survey", "unit", "expires_on", "invitations"],
        "properties": {
            "survey": {"type": "string"},
            "unit": {"type": "string"},
            "expires_on": {"type": "string", "format": "date"},
            "invitations": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Invitation"},
            },
        },
    },
    "Invitation": {
        "type": "object",
        "required": ["reference", "code", "url"],
        "properties": {
            "reference": {"type": "string"},
            "code": {
                "type": "string",
                "pattern": f"^[{ALPHABET}]{{{ONE_TIME_TOKEN_LENGTH}}}$",
                "description": "Good for one sheet. Only its hash is stored.",
            },
            "url": {"type": "string", "format": "uri"},
            "qr": {"type": "string", "description": "The picture, as a data: address."},
        },
    },
    "FieldProblems": {
        "type": "object",
        "required": ["error", "problems"],
        "properties": {
            "error": {"type": "string"},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
    "FieldProblem": {
        "type": "object",
        "required": ["field", "message"],
        "properties": {
            "field": {
                "type": ["string", "null"],
                "description": "Field of the body, such as “invitations[3]” (counted from 0), "
                f"“{IDEMPOTENCY_KEY}”, or “body”.",
            },
            "message": {"type": "string"},
        },
    },
}

#: Status → sentence and schema.
REPLIES: dict[str, tuple[str, str]] = {
    "201": ("Made. The transaction was on the disk before this reply.", "Invitations"),
    "200": ("The same request had come before; the same codes.", "Invitations"),
    "401": ("No key, or one that is unknown, expired or revoked.", "Error"),
    "403": (f"The key lacks the scope {KeyScope.INVITATIONS}.", "Error"),
    "404": ("No such survey, unit or collection point in the branch of the key.", "Error"),
    "409": ("Another request had this Idempotency-Key.", "Error"),
    "410": (
        "The survey is over or has no slips, or the collection point takes nothing more.",
        "Error",
    ),
    "423": ("The survey is paused: send the same request again when it goes on.", "Error"),
    "413": (f"The body is larger than {LARGEST_BODY // 1024} KiB.", "Error"),
    "422": ("Every mistake, by field.", "FieldProblems"),
    "429": ("Too many requests with this key in a minute.", "Error"),
}
