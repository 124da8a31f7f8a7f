"""What a refusal means: of a mail server, RFC 5321's 4xx pass and its 5xx do not; of a service, by HTTP."""

from __future__ import annotations

import smtplib
from typing import Any

from cms.gateways.sms import ACCOUNT, asked_pause
from cms.outbox.handlers import Permanent, Retry

KEY = "mail"
# smtplib's errors are OSErrors, refused recipients as well as servers that are away; most of anymail's too.
ERRORS: tuple[type[Exception], ...] = (OSError,)
REFUSED: tuple[type[Exception], ...] = ()
try:
    from anymail.exceptions import AnymailError, AnymailRecipientsRefused
except ImportError:
    # Of production's packages: a laptop sends by a mail server, or to the screen.
    pass
else:
    ERRORS, REFUSED = (OSError, AnymailError), (AnymailRecipientsRefused,)


def failure(error: Exception) -> Retry | Permanent:
    """By the server's code alone: its words may hold the address."""
    if isinstance(error, REFUSED):
        return Permanent("mail: the service refused the address", via=KEY)
    answer: Any = getattr(error, "response", None)
    if answer is not None and hasattr(answer, "status_code"):
        return _answered(int(answer.status_code), answer.headers.get("Retry-After", ""))
    codes = _codes(error)
    said = f"mail: {type(error).__name__}" + (f" {max(codes)}" if codes else "")
    # The password that does not fit today is put right, and then the mail goes.
    lasting = codes and min(codes) >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
    return Permanent(said, via=KEY) if lasting else Retry(said, via=KEY)


def _answered(status: int, retry_after: str) -> Retry | Permanent:
    said = f"mail: the service answered {status}"
    # An account that is refused today is put right as a password is; under 400 the answer was no answer.
    if status < 400 or status in (408, 429) or status >= 500 or status in ACCOUNT:
        return Retry(said, after=asked_pause(retry_after), via=KEY)
    return Permanent(said, via=KEY)


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
