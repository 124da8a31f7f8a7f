"""What an open page hears from the server (server-sent events): that its inbox, or its queue, has changed.

Only an ASGI process keeps such a connection open; a WSGI one says so, and the page asks each minute instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.notifications.live import INBOX, Word, hub
from permissions.models import User
from permissions.policy import Scope, scope_of

from ..access import actor_of_request
from .pages import guarded

# Seconds between two signs of life, of one connection, and between a word and the page's being told.
HEARTBEAT, LONGEST, GATHER = 20.0, 600.0, 0.4
# Open pages of one person that are kept informed.
MOST = 8


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    guarded(request)
    person = actor_of_request(request).user.pk
    if not isinstance(request, ASGIRequest) or hub.count(person) >= MOST:
        # 204 ends the browser's asking for it: the page goes on by polling.
        return HttpResponse(status=204)
    session = request.session
    close_old_connections()
    answer = StreamingHttpResponse(
        told(person, session.session_key or "", type(session)), content_type="text/event-stream"
    )
    # Not kept back by a proxy until it is large.
    answer["X-Accel-Buffering"] = "no"
    return answer


async def told(person: int, session_key: str, sessions: Any) -> AsyncIterator[bytes]:
    """Words as they come, until the time is over or the person may not be here any more."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST
    still = sync_to_async(scope_still, thread_sensitive=False)
    with hub.listening(person) as listener:
        # Whoever comes back asks at once what they have missed.
        yield b"retry: 3000\n\nevent: inbox\ndata: \n\n"
        while loop.time() < ends:
            words: list[Word] = []
            try:
                words.append(await asyncio.wait_for(listener.words.get(), HEARTBEAT))
                await asyncio.sleep(GATHER)
                while not listener.words.empty():
                    words.append(listener.words.get_nowait())
            except TimeoutError:
                pass
            scope = await still(person, session_key, sessions)
            if scope is None:
                return
            kinds = sorted({str(word["kind"]) for word in words if concerns(word, scope)})
            if kinds:
                for kind in kinds:
                    yield f"event: {kind}\ndata: \n\n".encode()
            else:
                yield b":\n\n"


def scope_still(person: int, session_key: str, sessions: Any) -> Scope | None:
    """What the person holds now; None where they were signed out, or serve nowhere any more."""
    try:
        user = User.objects.filter(pk=person, is_active=True).first()
        if user is None or not sessions().exists(session_key):
            return None
        scope = scope_of(user)
        return scope if scope.region or scope.entities else None
    finally:
        close_old_connections()


def concerns(word: Word, scope: Scope) -> bool:
    """Whether this word is about something the person could see: of what one may not see nothing is told."""
    if word["kind"] == INBOX:
        return scope.user_id in word["people"]
    if word["about"] is not None and word["about"] in scope.kin:
        return False
    needed = ["view_reports", *(["view_confidential"] if word["confidential"] else [])]
    where = word["entities"] or [None]
    return any(all(scope.has(codename, entity) for codename in needed) for entity in where)
