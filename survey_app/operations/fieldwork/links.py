"""Links: what the open code of a collection point and a one-time code lead to."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.copied_codes import ALPHABET, draw_code
from survey_app.errors import Closed, Invalid, NotFound
from survey_app.operations.fieldwork.surveys import require_open_survey
from survey_app.storage.models import CollectionPoint, OneTimeLink
from survey_app.storage.queries import collection_points as queries
from survey_app.storage.queries.responses import is_link_used

OPEN_TOKEN_LENGTH = 8
ONE_TIME_TOKEN_LENGTH = 13  # 31**13 ≈ 2**64: not to be guessed
MOST_LINKS_AT_ONCE = 2000
UNKNOWN_LINK = "Mã khảo sát không đúng. Vui lòng kiểm tra lại mã trên phiếu hoặc áp phích."


@dataclass(frozen=True)
class Link:
    """What a link leads to. ``one_time`` is None for the open link of a collection point."""

    token: str
    point: CollectionPoint
    one_time: OneTimeLink | None

    def require_open(self, now: datetime) -> None:
        """Raises Closed when answers are no longer (or not yet) taken through this link."""
        require_open_survey(self.point.survey, now)
        expires_on = self.one_time.expires_on if self.one_time else None
        require_open_link(self.point.is_active, expires_on, now)


def require_open_link(is_active: bool, expires_on: date | None, now: datetime) -> None:
    """Raises Closed when the collection point or the one-time link takes nothing any more."""
    if not is_active:
        raise Closed("Điểm thu thập ý kiến này đã ngừng nhận phiếu.")
    if expires_on and expires_on < local_date(now):
        raise Closed(
            "Mã khảo sát này đã hết hạn ngày {day}. "
            "Ông/bà vẫn có thể góp ý bằng mã chung đặt tại quầy.",
            day=f"{expires_on:%d/%m/%Y}",
        )


def issue_one_time_links(
    session: Session, point: CollectionPoint, count: int, *, expires_on: date
) -> tuple[str, ...]:
    """Make ``count`` one-time tokens. They are returned here and never again: only hashes stay."""
    if not 1 <= count <= MOST_LINKS_AT_ONCE:
        raise Invalid(f"Mỗi lần tạo được từ 1 đến {MOST_LINKS_AT_ONCE} mã dùng một lần.")
    tokens = tuple(draw_code(ONE_TIME_TOKEN_LENGTH) for _ in range(count))
    store_one_time_links(session, point, tokens, expires_on=expires_on)
    return tokens


def store_one_time_links(
    session: Session, point: CollectionPoint, tokens: Collection[str], *, expires_on: date
) -> None:
    """Let these tokens open the questionnaire of a place once each; only hashes are stored."""
    session.add_all(
        OneTimeLink(
            token_hash=hash_token(token), collection_point_id=point.id, expires_on=expires_on
        )
        for token in tokens
    )
    session.flush()


def find_link(session: Session, token: str) -> Link:
    """What a token leads to, open or not; raises NotFound for an unknown one.

    The whole address of a link will do as well: people and programs paste either.
    """
    wanted = link_token(token)
    if len(wanted) <= ONE_TIME_TOKEN_LENGTH and set(wanted) <= set(ALPHABET):
        point = queries.point_by_token(session, wanted)
        if point:
            return Link(wanted, point, None)
        one_time = queries.one_time_link(session, hash_token(wanted))
        if one_time:
            return Link(wanted, one_time.collection_point, one_time)
    raise NotFound(UNKNOWN_LINK)


def link_token(text: str) -> str:
    """The token in what names a link (itself, or the end of a whole address), as it is stored.

    Only plain letters have capitals here: "ß" would become two, and another token.
    """
    token = text.strip().rstrip("/").rpartition("/")[2]
    return token.upper() if token.isascii() else token


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def is_used_up(session: Session, link: Link) -> bool:
    """Whether a one-time link has had its sheet; never true of an open link."""
    return link.one_time is not None and is_link_used(session, link.one_time)
