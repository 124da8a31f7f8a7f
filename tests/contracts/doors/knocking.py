"""One request, what was answered and what was written; nothing of it stays."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client

from .table import Answer

WRITES = ("INSERT", "UPDATE", "DELETE")
QUOTED = re.compile(r'"(\w+)"')
# What any request may write: its own session, what counts guesses, and what the sign-in itself keeps.
HARMLESS = frozenset({"django_session", "permissions_attempts"})
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@dataclass(frozen=True)
class Knock:
    status: int
    location: str
    written: frozenset[str]
    body: str

    @property
    def answer(self) -> Answer | None:
        """None where it is a fault of ours."""
        if self.status >= 500:
            return None
        if self.status in (301, 302, 303):
            if "/admin/login/" in self.location:
                return Answer.SIGN_IN
            return Answer.TRACK if self.location == "/track/" else Answer.OPEN
        found = {403: Answer.CLOSED, 404: Answer.MISSING, 405: Answer.NO_SUCH_METHOD}
        return found.get(self.status, Answer.OPEN)


def knock(client: Client, method: str, address: str, body: Any = None, *, as_script: bool = False) -> Knock:
    """`as_script`: what is closed then says so by its status, and not by a way home with a message."""
    written: set[str] = set()

    def watched(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if sql.lstrip().startswith(WRITES) and (table := QUOTED.search(sql)):
            written.add(table[1])
        return execute(sql, *more)

    cookies = client.cookies.copy()
    with transaction.atomic(), connection.execute_wrapper(watched):
        headers = SCRIPT if as_script else {}
        if isinstance(body, str):
            response = client.generic(method, address, body, "application/json", headers=headers)
        else:
            response = getattr(client, method)(address, body, headers=headers)
        transaction.set_rollback(True)
    client.cookies = cookies
    text = b"" if response.streaming else response.content
    return Knock(
        response.status_code,
        response.headers.get("Location", ""),
        frozenset(written - HARMLESS),
        text.decode(errors="replace"),
    )
