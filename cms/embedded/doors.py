"""What answers at the port: a page that says 'loading', and then Django, without the port closing between."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HERE = Path(__file__).parent
# What the page is made of, by its address: the file beside this one, and its type.
PARTS = {
    "/loading.css": ("loading.css", b"text/css; charset=utf-8"),
    "/loading.js": ("loading.js", b"text/javascript; charset=utf-8"),
}
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        b" frame-ancestors 'none'",
    ),
]
# (Arabic, English) for each step of the start; the page shows the one that is under way.
STEPS = [
    ("يبدأ البرنامج", "Starting the program"),
    ("تُهيّأ قاعدة البيانات", "Preparing the database"),
    ("تُحمَّل بيانات العرض: جهات وخدمات وبلاغات", "Loading the demonstration: entities, services, reports"),
    ("اكتمل التحميل", "Almost there"),
]


class Doors:
    """An ASGI application that answers for itself until `open` is given the real one."""

    def __init__(self) -> None:
        self.application: Application | None = None
        self.step = 0
        self._page = (HERE / "loading.html").read_text(encoding="utf-8")
        self._parts = {path: ((HERE / name).read_bytes(), kind) for path, (name, kind) in PARTS.items()}

    def open(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.application is not None:
            await self.application(scope, receive, send)
        elif scope["type"] == "http":
            await self._wait_here(scope, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013})

    async def _wait_here(self, scope: Scope, send: Send) -> None:
        accepts = next((value for name, value in scope["headers"] if name == b"accept"), b"")
        if scope["path"] == "/healthz":
            await _answer(send, 200, b"application/json", b'{"status": "loading"}')
        elif scope["path"] in self._parts:
            part, kind = self._parts[scope["path"]]
            await _answer(send, 200, kind, part)
        elif b"text/html" in accepts:
            await _answer(send, 503, b"text/html; charset=utf-8", self.page().encode())
        else:
            await _answer(send, 503, b"application/json", self.told().encode())

    def told(self) -> str:
        """For who asks by program, our page's script among them."""
        arabic, english = STEPS[self.step]
        number = self.step + 1
        return json.dumps(
            {"status": "loading", "number": number, "of": len(STEPS), "ar": arabic, "en": english},
            ensure_ascii=False,
        )

    def page(self) -> str:
        arabic, english = STEPS[self.step]
        return (
            self._page.replace("{{ step_ar }}", arabic)
            .replace("{{ step_en }}", english)
            .replace("{{ number }}", str(self.step + 1))
            .replace("{{ of }}", str(len(STEPS)))
        )


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *HEADERS]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    await asyncio.sleep(0)
