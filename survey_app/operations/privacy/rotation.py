"""A new SECRET_KEY in the place of an old one: what lasts is sealed, or named, by the new one.

Signed and sealed for minutes only, and therefore left alone: forms that are open in a browser, the
note between the two steps of signing in, results of files, proofs of work. Sessions, one-time
links, keys of devices and of programs are digests without a secret, and stay good.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.operations.access import second_step
from survey_app.operations.paper import second_keying
from survey_app.operations.privacy import contact_requests
from survey_app.operations.privacy.sealing import Sealer


@dataclass(frozen=True)
class Rotation:
    """How much the new key took over; ``lost_names``, ``lost_requests``: accounts and requests that
    open with no key given."""

    requests: int
    second_steps: int
    forms: int
    lost_names: tuple[str, ...]
    lost_requests: int

    @property
    def total(self) -> int:
        return self.requests + self.second_steps + self.forms


def rotate(session: Session, settings: Settings) -> Rotation:
    """Seal and name anew, by the present key, what former keys did. Done again it does nothing."""
    sealer = Sealer.of(settings)
    requests = contact_requests.reseal(session, sealer)
    steps = second_step.reseal(session, keys=settings.derived_secrets(second_step.PURPOSE))
    secret = settings.derived_secret(second_keying.SECRET_PURPOSE)
    return Rotation(
        requests=requests,
        second_steps=steps.done,
        forms=second_keying.rekey(session, secret=secret),
        lost_names=tuple(account.username for account in steps.lost),
        lost_requests=contact_requests.count_sealed_otherwise(session, sealer),
    )
