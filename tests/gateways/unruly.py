"""A real HTTP server on loopback that takes messages, and misbehaves on demand."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

OK = (200, {}, b'{"id": "gateway-7"}')


class Unruly:
    """`does` is what the next requests meet, one each, and then `always`: (status, headers, body), 'hang',
    'drip', 'close' or 'garbage'. `got` is what came: headers and body, and `keys` how often by key.
    """

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], Any]] = []
        self.keys: Counter[str] = Counter()
        self.does: deque[Any] = deque()
        self.always: Any = OK
        self.connections = 0
        self.let_go = threading.Event()
        unruly = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                unruly.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_form = "form" in self.headers["Content-Type"]
                read = parse_qs(body.decode()) if is_form else json.loads(body)
                unruly.got.append((dict(self.headers), read))
                unruly.keys[self.headers.get("Idempotency-Key", "")] += 1
                does = unruly.does.popleft() if unruly.does else unruly.always
                if isinstance(does, tuple):
                    self.answer(*does)
                else:
                    getattr(self, does)()

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def hang(self) -> None:
                unruly.let_go.wait(30)
                self.close_connection = True

            def drip(self) -> None:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not unruly.let_go.wait(0.05):
                    try:
                        self.wfile.write(b"X")
                    except OSError:
                        break
                self.close_connection = True

            def close(self) -> None:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

            def garbage(self) -> None:
                self.wfile.write(b"\x00\xffnot http at all\r\n\r\n")
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/send"

    def stop(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


def status(code: int, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return code, {name.replace("_", "-"): value for name, value in headers.items()}, b""
