"""Sign-ins and failures go to the audit trail, whichever door they came through."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from permissions import audit
from permissions.models import User

from .access import client_of


def _record(code: str, user: Any, request: Any, data: dict[str, Any] | None = None) -> None:
    audit.record(
        code,
        actor=user if isinstance(user, User) else None,
        subject=f"user:{user.pk}" if isinstance(user, User) else "",
        data=data,
        client=client_of(request) if request is not None else "",
    )


def signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    _record("sign_in", user, request)


def signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        _record("sign_out", user, request)


def failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    # A name that exists nowhere may be a password typed into the wrong field: it is not written down.
    typed = str(credentials.get("username", ""))[:150]
    known = User.objects.filter(username=typed).first()
    _record("sign_in_failed", None, request, {"user": known.pk if known else None})


def connect() -> None:
    user_logged_in.connect(signed_in, dispatch_uid="desk-sign-in")
    user_logged_out.connect(signed_out, dispatch_uid="desk-sign-out")
    user_login_failed.connect(failed, dispatch_uid="desk-sign-in-failed")
