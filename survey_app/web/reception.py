"""Where the lanes hand answer sheets in: limited, proven and stored as the views do it."""

from dataclasses import dataclass

from survey_app.clock import now
from survey_app.operations.fieldwork.links import link_token
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Receipt, Sheet
from survey_app.web.limits import Limits
from survey_app.web.proof import Gate


@dataclass(frozen=True)
class Reception:
    """The reception of one application."""

    intake: Intake
    limits: Limits
    gate: Gate

    def take(self, sheet: Sheet, proof: str) -> Receipt | None:
        """Returns after the commit; raises what ``Intake.submit`` raises. None where the view has
        to ask for a proof or for time."""
        token = link_token(sheet.token)
        if not self.gate.is_open(token, sheet.response_id, proof) or self.limits.sheet_wait(token):
            return None
        receipt = self.intake.submit(sheet, now=now())
        if receipt.is_new:
            self.gate.note(token)
            self.limits.note_sheet(token)
        return receipt
