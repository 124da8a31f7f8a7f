"""The secret of a report and the tokens in links: stored as keyed hashes, compared in constant time.

Keys are versions in settings.SAWT_SECRET_KEYS; a hash is stored with the version it was made with, so that a
new key breaks no old secret. A password hash would cost half a second of CPU for each
guess that a stranger sends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random
from uuid import UUID

from django.conf import settings

from .crockford import LOOKALIKES, VALUE, encoded, typed

SECRET_LENGTH = 12
TOKEN_LENGTH = 10
SLIPS = 2


def current_version() -> int:
    """The version that new secrets and hashes are made with."""
    return max(settings.SAWT_SECRET_KEYS)


def _keyed(purpose: str, message: bytes, version: int | None) -> bytes:
    key = settings.SAWT_SECRET_KEYS[current_version() if version is None else version]
    return hmac.new(key.encode(), purpose.encode() + b"\0" + message, hashlib.sha256).digest()


def secret_for(public_id: UUID, version: int | None = None) -> str:
    """The secret of the report with this id, 'XXXX-XXXX-XXXX'; the same each time, for a repeated request."""
    digest = _keyed("report-secret", public_id.bytes, version)
    signs = encoded(int.from_bytes(digest[:8], "big"), SECRET_LENGTH)
    return "-".join(signs[start : start + 4] for start in range(0, SECRET_LENGTH, 4))


def normalise(text: str) -> str:
    """A typed secret without grouping; '' where it cannot be one."""
    if not isinstance(text, str):
        return ""
    signs = "".join(sign for sign in typed(text[:100]).translate(LOOKALIKES) if sign not in " -.")
    return signs if len(signs) == SECRET_LENGTH and all(sign in VALUE for sign in signs) else ""


def hashed(secret: str, version: int | None = None) -> str:
    """What the database keeps of a secret, however it is grouped."""
    return _keyed("stored-secret", normalise(secret).encode(), version).hex()


def matches(secret_text: str, stored_hash: str, version: int | None = None) -> bool:
    """Whether someone typed this report's secret. Takes as long for a wrong one."""
    typed_secret = normalise(secret_text)
    same = hmac.compare_digest(hashed(typed_secret, version), stored_hash or "")
    return same and bool(typed_secret) and bool(stored_hash)


def is_slip(secret_text: str, secret: str) -> bool:
    """Whether someone who holds this secret mistyped it: all but two of its characters stand where they do.

    Nobody comes so near by guessing: one try in eighteen million million does. What is too short or too long
    is no guess at all.
    """
    signs = normalise(secret_text)
    wrong = sum(one != other for one, other in zip(signs, normalise(secret), strict=False))
    return not signs or wrong <= SLIPS


def new_token() -> str:
    """Ten random characters for a link in a message."""
    return encoded(random.randbits(5 * TOKEN_LENGTH), TOKEN_LENGTH)


def hashed_token(token: str, version: int | None = None) -> str:
    """What the database keeps of a link's token, and what it is looked up by."""
    return _keyed("link-token", token.strip().upper().encode("utf-8", "replace"), version).hex()


def token_hashes(token: str) -> list[str]:
    """The hashes under which a token may be stored: one for each key still held, the newest first."""
    return [hashed_token(token, version) for version in sorted(settings.SAWT_SECRET_KEYS, reverse=True)]
