"""A gateway on loopback that answers at once and counts; GET tells what came."""

from __future__ import annotations

import json
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer waits for the acknowledgement of its own first packet.
    disable_nagle_algorithm = True
    wbufsize = -1
    keys: set[str] = set()
    messages = connections = 0
    first = last = 0.0

    def setup(self) -> None:
        super().setup()
        self.told = False

    def do_POST(self) -> None:
        kind = type(self)
        self.rfile.read(int(self.headers["Content-Length"]))
        kind.last = time.monotonic()
        kind.first = kind.first or kind.last
        kind.messages += 1
        if not self.told:
            self.told = True
            kind.connections += 1
        kind.keys.add(self.headers["Idempotency-Key"])
        self._answer({"id": str(kind.messages)})

    def do_GET(self) -> None:
        kind = type(self)
        self._answer(
            {
                "messages": kind.messages,
                "keys": len(kind.keys),
                "connections": kind.connections,
                "seconds": kind.last - kind.first,
            }
        )

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: a line for each message would cost more than the message."""


def ask(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (our own, on loopback)
        return dict(json.load(answer))


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    print(server.server_port, flush=True)  # noqa: T201 (who started it reads the port here)
    server.serve_forever()
