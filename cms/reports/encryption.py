"""Identity numbers at rest: encrypted with settings.SAWT_FIELD_KEYS, the first of which makes new ones."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Undecipherable(Exception):
    """None of the keys opens this: it was made with a key that is gone, or changed in the database."""


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SAWT_FIELD_KEYS])


def encrypt(text: str) -> str:
    """ASCII; '' stays ''. The same text gives another result each time, so it cannot be searched for."""
    return _box().encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    if not stored:
        return ""
    try:
        return _box().decrypt(stored.encode()).decode()
    except (InvalidToken, UnicodeEncodeError) as error:
        raise Undecipherable from error
