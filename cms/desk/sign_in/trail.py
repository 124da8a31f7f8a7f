"""Sign-ins and failures go to the audit trail, whichever door they came through."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals as second_factor
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from permissions import audit
from permissions.models import User

from ..access import client_of


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


def factor_added(sender: Any, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("second_factor_added", user, request, {"kind": authenticator.type})


def factor_removed(sender: Any, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("second_factor_removed", user, request, {"kind": authenticator.type})


def factor_renewed(sender: Any, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("second_factor_renewed", user, request, {"kind": authenticator.type})


def factor_failed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    _record("second_factor_failed", user, request)


def connect() -> None:
    second_factor.authenticator_added.connect(factor_added, dispatch_uid="desk-factor-added")
    second_factor.authenticator_removed.connect(factor_removed, dispatch_uid="desk-factor-removed")
    second_factor.authenticator_reset.connect(factor_renewed, dispatch_uid="desk-factor-renewed")
    second_factor.authentication_failed.connect(factor_failed, dispatch_uid="desk-factor-failed")
    user_logged_in.connect(signed_in, dispatch_uid="desk-sign-in")
    user_logged_out.connect(signed_out, dispatch_uid="desk-sign-out")
    user_login_failed.connect(failed, dispatch_uid="desk-sign-in-failed")
