"""Encryption at rest: AES-256-GCM with keys made from the secret of the installation.

The database alone does not open what is sealed. Each text names its key, so that a new secret can
take the place of an old one while both are known.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_app.config import Settings
from survey_app.errors import Unavailable

PURPOSE = "contact requests"
NONCE_BYTES = 12
#: Texts are filled up to a multiple of this, so that their length tells little.
BLOCK = 256
_NO_KEY = (
    "Không mở được yêu cầu này: khóa bí mật (SECRET_KEY) đã đổi. Người vận hành cần đặt khóa cũ "
    "vào HAILONG_OLD_SECRET_KEYS."
)


@dataclass(frozen=True)
class Sealer:
    """Keys by name; ``name`` is that of the one that seals."""

    name: str
    keys: Mapping[str, bytes]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        keys = {_name(key): key for key in settings.derived_secrets(PURPOSE)}
        return cls(next(iter(keys)), keys)

    def seal(self, text: bytes, about: bytes) -> bytes:
        """``about``: what the text belongs to; it opens with nothing else."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.keys[self.name]).encrypt(nonce, _filled(text), about)

    def open(self, sealed: bytes, about: bytes, name: str) -> bytes:
        """The text sealed with the key of this name. Raises Unavailable without the key, or when
        somebody has changed the row."""
        try:
            key = self.keys[name]
            filled = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except (KeyError, InvalidTag) as error:
            raise Unavailable(_NO_KEY) from error
        return filled.rstrip(b"\0")


def _name(key: bytes) -> str:
    """Tells keys apart, and tells nothing of them."""
    return hashlib.sha256(b"name of a key" + key).hexdigest()[:16]


def _filled(text: bytes) -> bytes:
    return text + b"\0" * (-len(text) % BLOCK)
