"""The OpenAPI description of the API, as data. A test holds it against the routes."""

from typing import Any

from survey_app.operations.access.api_keys import KeyScope
from survey_app.web.api import count_description as counts
from survey_app.web.api import invitation_description as invitations
from survey_app.web.api.reading import MODES

Document = dict[str, Any]


def _reply(description: str, schema: str, headers: Document | None = None) -> Document:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    found: Document = {"description": description, "content": content}
    return found | {"headers": headers} if headers else found


def _health(summary: str, operation: str, replies: Document) -> Document:
    return {
        "get": {
            "summary": summary,
            "operationId": operation,
            "tags": ["health"],
            "security": [],
            "responses": replies,
        }
    }


_RETRY_AFTER: Document = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "schema": {"type": "integer", "minimum": 1},
    }
}

_CHALLENGE: Document = {
    "Proof-Challenge": {
        "description": "Present when an open link receives more sheets than usual: BITS.HOUR.MARK. "
        "Send the sheet again with `proof` = this text, a full stop and a whole number such that "
        "the SHA-256 digest of `proof` begins with BITS zero bits; or wait.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,2}\\.[0-9]{1,7}\\.[0-9a-f]{20}$"},
    }
}

_IDENTIFIER: Document = {
    "name": "identifier",
    "in": "path",
    "required": True,
    "description": "UUID of the sheet, made by the client when the questionnaire opens. Sending "
    "again under the same id never stores a sheet twice.",
    "schema": {"type": "string", "format": "uuid"},
}

_REPLIES: Document = {
    "201": _reply("Stored. The transaction was on the disk before this reply.", "Receipt"),
    "200": _reply("The same sheet had been stored before; same receipt.", "Receipt"),
    "400": _reply("The body ended before the length that was announced.", "Error"),
    "403": _reply("The one-time link has carried another sheet.", "Error"),
    "404": _reply("No such link.", "Error"),
    "409": _reply("The id is in use for other answers; the first sheet stays.", "Error"),
    "410": _reply("The survey is over or has not begun, or the link has expired.", "Error"),
    "423": _reply("The survey is paused: send the same sheet again when it goes on.", "Error"),
    "413": _reply("The body is larger than 64 KiB.", "Error"),
    "422": _reply("Every mistake, by question.", "Problems"),
    "429": _reply(
        "Too many sheets or unknown links in a minute, or a proof of work is asked for.",
        "Error",
        _RETRY_AFTER | _CHALLENGE,
    ),
}

_INVITE: Document = {
    "summary": "Make one-time links, once, however often the request is sent",
    "operationId": "createInvitations",
    "tags": ["invitations"],
    "security": [{"apiKey": [KeyScope.INVITATIONS.value]}],
    "parameters": [invitations.PARAMETER],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/InvitationRequest"}}
        },
    },
    "responses": {
        status: _reply(sentence, schema, _RETRY_AFTER if status == "429" else None)
        for status, (sentence, schema) in invitations.REPLIES.items()
    },
}

_COUNT: Document = {
    "summary": "Store counts of dossiers by unit, service and month",
    "operationId": "putDossierCounts",
    "tags": ["dossier counts"],
    "security": [{"apiKey": [KeyScope.DOSSIER_COUNTS.value]}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DossierCounts"}}},
    },
    "responses": {
        status: _reply(sentence, schema, _RETRY_AFTER if status == "429" else None)
        for status, (sentence, schema) in counts.REPLIES.items()
    },
}

_SHEET: Document = {
    "type": "object",
    "additionalProperties": False,
    "required": ["link", "answers"],
    "properties": {
        "link": {
            "type": "string",
            "minLength": 1,
            "maxLength": 300,
            "description": "The code printed on the slip or poster, or the whole address.",
            "examples": ["K7Q4MZ2P"],
        },
        "version": {
            "type": ["string", "null"],
            "maxLength": 300,
            "description": "Questionnaire version by which the sheet was answered; best always "
            "given. A version that the survey had before is read as such; any other earlier one is "
            "stored, and flagged, if its answers are valid in the present one. Without it the "
            "sheet is read by the version of the survey at that moment.",
            "examples": ["sipas-counter@1"],
        },
        "language": {
            "type": ["string", "null"],
            "maxLength": 300,
            "default": "vi",
            "description": "Language in which the questions were read.",
        },
        "mode": {
            "type": ["string", "null"],
            "enum": [*MODES, None],
            "description": "How the sheet was collected; by default as the collection point does, "
            "and also where it says kiosk or paper: only devices and the office can tell that.",
        },
        "answers": {
            "type": "object",
            "description": "Question code → answer. A question that is left out was skipped.",
            "additionalProperties": {"$ref": "#/components/schemas/Answer"},
            "examples": [{"overall.satisfaction": "4", "needs.improvements": ["faster", "online"]}],
        },
        "seconds": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": 86400,
            "description": "How long answering took.",
        },
        "proof": {
            "type": ["string", "null"],
            "maxLength": 300,
            "description": "The answer to a Proof-Challenge; read only when one was asked for.",
        },
    },
}

_SCHEMAS: Document = {
    "Sheet": _SHEET,
    "Answer": {
        "description": "An option code, “na” (does not apply), a whole number or a text; a list of "
        "option codes for a multiple choice; null = skipped.",
        "anyOf": [
            {"type": "string"},
            {"type": "integer"},
            {"type": "array", "items": {"type": ["string", "integer", "null"]}},
            {"type": "null"},
        ],
    },
    "Receipt": {
        "type": "object",
        "required": ["receipt"],
        "properties": {
            "receipt": {"type": "string", "pattern": "^[A-Z2-9]{3}-[A-Z2-9]{3}$"},
        },
    },
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string", "description": "One sentence for people."}},
    },
    "Problems": {
        "type": "object",
        "required": ["error", "problems"],
        "properties": {
            "error": {"type": "string"},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["question", "field", "message"],
        "properties": {
            "question": {
                "type": ["string", "null"],
                "description": "Code of the question; null when the mistake lies elsewhere.",
            },
            "field": {
                "type": ["string", "null"],
                "description": "Field of the body (“answers” for a question), “id”, “body”, or "
                "null for the sheet as a whole.",
            },
            "message": {"type": "string"},
        },
    },
    "Health": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"type": "string", "enum": ["ok", "unavailable"]},
            "error": {"type": "string"},
        },
    },
}

DESCRIPTION: Document = {
    "openapi": "3.1.0",
    "info": {
        "title": "Hài Lòng",
        "version": "1",
        "description": "Answer sheets of citizen-satisfaction surveys, one-time links for other "
        "software, and the health of the server. A sheet needs no sign-in: it is admitted by the "
        "link it names.",
    },
    "servers": [{"url": "/"}],
    "security": [],
    "paths": {
        "/api/v1/responses/{identifier}": {
            "parameters": [_IDENTIFIER],
            "put": {
                "summary": "Store one answer sheet, once, however often it is sent",
                "operationId": "putResponse",
                "tags": ["responses"],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Sheet"}}
                    },
                },
                "responses": _REPLIES,
            },
        },
        "/api/v1/invitations": {"post": _INVITE},
        "/api/v1/dossier-counts": {"put": _COUNT},
        "/healthz": _health("The process answers", "health", {"200": _reply("Alive.", "Health")}),
        "/readyz": _health(
            "The database can be reached and has every migration",
            "readiness",
            {"200": _reply("Ready.", "Health"), "503": _reply("Not ready.", "Health")},
        ),
    },
    "components": {
        "schemas": _SCHEMAS | invitations.SCHEMAS | counts.SCHEMAS,
        "securitySchemes": invitations.SECURITY_SCHEMES,
    },
}
