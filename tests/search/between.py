"""A small HTTP server between us and Elasticsearch, that passes on what is asked, or does not."""

from __future__ import annotations

import http.client
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

KEPT = ("content-type", "x-elastic-product")


class Between:
    """`hangs`: ends of paths whose answers are kept back, though the server has done what was asked.
    `password`: who does not say it is refused, as by a server that asks for credentials.
    """

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server)
        self.hangs: tuple[str, ...] = ()
        self.password = ""
        self.refused = 0
        self._waking = threading.Event()
        self._http: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    def address(self, credentials: str = "") -> str:
        return f"http://{credentials + '@' if credentials else ''}127.0.0.1:{self.port}"

    def open(self) -> None:
        """Again at the same port, where it was there before."""
        between = self

        class Handler(BaseHTTPRequestHandler):
            def do_any(self) -> None:
                between._pass_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_any

            def log_message(self, *told: Any) -> None:
                pass

        self._waking.clear()
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        """Nobody listens there any more."""
        self._waking.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def _pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        sent = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        said = b64encode(f"sawt:{self.password}".encode()).decode()
        if self.password and asked.headers.get("Authorization") != f"Basic {said}":
            self.refused += 1
            self._answer(asked, 401, {"X-Elastic-Product": "Elasticsearch"}, b"{}")
            return
        given = {name: value for name, value in asked.headers.items() if name.lower() != "authorization"}
        connection = http.client.HTTPConnection(self.server.hostname or "", self.server.port or 9200)
        connection.request(asked.command, asked.path, sent, given)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if asked.path.split("?")[0].endswith(self.hangs):
            self._waking.wait(60)
            return
        kept = {name: value for name, value in answer.headers.items() if name.lower() in KEPT}
        self._answer(asked, answer.status, kept, body)

    @staticmethod
    def _answer(asked: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
        asked.send_response(status)
        for name, value in headers.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body if asked.command != "HEAD" else b"")


@contextmanager
def between(server: str) -> Iterator[Between]:
    made = Between(server)
    try:
        yield made
    finally:
        made.close()
