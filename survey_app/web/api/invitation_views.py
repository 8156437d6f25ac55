"""One-time links for other software: made once for a request, however often it comes."""

from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.invitations.invitations import invite
from survey_app.reporting.rendering.qr import qr_data
from survey_app.web.api import blueprint
from survey_app.web.api.invitation_reading import IDEMPOTENCY_KEY, Wanted, read_invitations
from survey_app.web.api_keys import current_key
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session

LARGEST_BODY = 1024 * 1024


@blueprint.post("/api/v1/invitations")
def create_invitations() -> ResponseReturnValue:
    """Make one-time links; what the caller calls them by is given back and never stored."""
    request.max_content_length = LARGEST_BODY
    name = request.headers.get(IDEMPOTENCY_KEY)
    wanted = read_invitations(name, request.get_data(cache=False))
    secret, *former = current_app.config["SETTINGS"].derived_secrets("invitations")
    invited = invite(
        current_session(),
        wanted.order,
        key=current_key(),
        request_name=wanted.request_name,
        secret=secret,
        former=former,
        now=now(),
    )
    # Kept before squares are drawn: drawing takes a while, and citizens' sheets wait meanwhile.
    current_session().commit()
    body = {
        "survey": wanted.order.survey,
        "unit": wanted.order.unit,
        "expires_on": invited.expires_on.isoformat(),
        "invitations": [
            _item(wanted, reference, code)
            for reference, code in zip(wanted.references, invited.codes, strict=True)
        ],
    }
    return jsonify(body), 201 if invited.is_new else 200


def _item(wanted: Wanted, reference: str, code: str) -> dict[str, str]:
    address = f"{site_address()}/s/{code}"
    item = {"reference": reference, "code": code, "url": address}
    return item | {"qr": qr_data(address, wanted.square)} if wanted.square else item
