"""What a mail server's refusal means: RFC 5321's 4xx pass, its 5xx do not."""

from __future__ import annotations

import smtplib

from cms.outbox.handlers import Permanent, Retry

KEY = "mail"


def failure(error: OSError) -> Retry | Permanent:
    """By the server's code alone: its words may hold the address."""
    codes = _codes(error)
    said = f"mail: {type(error).__name__}" + (f" {max(codes)}" if codes else "")
    # The password that does not fit today is put right, and then the mail goes.
    lasting = codes and min(codes) >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
    return Permanent(said, via=KEY) if lasting else Retry(said, via=KEY)


def _codes(error: OSError) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
