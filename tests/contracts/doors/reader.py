"""A client whose account is read once: thousands of requests ask for it, and none of them changes it.

What a request does to the account stays with it: each has a copy. That the session, the account and its
permissions are read anew at every request is proven where they change: tests/permissions, tests/desk.
"""

import copy
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from wagtail.admin.auth import user_has_any_page_permission

from permissions.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Handler(ClientHandler):
    account: User | None = None

    def get_response(self, request: WSGIRequest) -> HttpResponseBase:
        if self.account is not None:
            # Where Django's middleware keeps it once it was asked for.
            request._cached_user = copy.copy(self.account)
        return super().get_response(request)


class Reader(Client):
    def __init__(self, user: User | None = None) -> None:
        super().__init__(raise_request_exception=False)
        self.handler: Any = Handler(enforce_csrf_checks=False)
        if user is None:
            return
        self.force_login(user, backend=BACKEND)
        account = User.objects.get(pk=user.pk)
        account.backend = BACKEND  # type: ignore[attr-defined]
        account.get_all_permissions()
        user_has_any_page_permission(account)
        hasattr(account, "wagtail_userprofile")
        self.handler.account = account
