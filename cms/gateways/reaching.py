"""A POST to somebody else's server: no redirect, no address of our own network, and an end to waiting.

The name is resolved once, each address it has is looked at, and the connection goes to one of those: a name
that answers otherwise the second time leads nowhere else. The whole exchange ends after its seconds, however
slowly an answer drips.
"""

from __future__ import annotations

import heapq
import ipaddress
import itertools
import socket
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

CONNECT_SECONDS = 5.0
# More of an answer is not read.
LONGEST_ANSWER = 64 * 1024
# Servers whose connections a thread keeps open.
KEPT = 16


class Forbidden(Exception):
    """Not an address of the web, or one inside our own network: nothing was sent."""


class NotReached(Exception):
    """No connection came about, or its certificate is not its own: nothing was sent."""


class NoAnswer(Exception):
    """It was sent, or part of it; whether it was taken nobody knows."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_plainly_ours(url: str) -> bool:
    """Whether the address itself says that it leads inside; a name is resolved when it is called."""
    host = urlsplit(url).hostname or ""
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def resolved(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses of a name; Forbidden where one of them is inside our own network and may not be."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(is_public(address) for address in found):
        raise Forbidden("private address refused")
    return found


class _Watch:
    """Ends exchanges whose time is over, from one thread for all."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._ends: list[tuple[float, int, _Exchange]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def add(self, exchange: _Exchange) -> None:
        with self._condition:
            heapq.heappush(self._ends, (exchange.ends, next(self._numbers), exchange))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="exchanges-end", daemon=True)
                self._thread.start()
            elif self._ends[0][2] is exchange:
                self._condition.notify()

    def _run(self) -> None:
        with self._condition:
            while True:
                while self._ends and (self._ends[0][2].is_over or self._ends[0][0] <= time.monotonic()):
                    heapq.heappop(self._ends)[2].cut()
                self._condition.wait(self._ends[0][0] - time.monotonic() if self._ends else None)


@dataclass
class _Exchange:
    ends: float
    private: bool
    sock: Any = None
    is_over: bool = False
    is_late: bool = False
    lock: Any = field(default_factory=threading.Lock)

    def cut(self) -> None:
        with self.lock:
            if not self.is_over:
                self.is_late = True
                if self.sock is not None:
                    with suppress(OSError):
                        self.sock.shutdown(socket.SHUT_RDWR)

    def over(self) -> None:
        with self.lock:
            self.is_over = True


_watch = _Watch()
_thread = threading.local()


class _Pinned:
    """Connects to an address that was looked at; the certificate is still asked for by name."""

    def _new_conn(self: Any) -> socket.socket:
        exchange: _Exchange = _thread.exchange
        try:
            addresses = resolved(self.host, self.port, private=exchange.private)
        except OSError as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        last: OSError | None = None
        for address in addresses:
            left = min(CONNECT_SECONDS, max(exchange.ends - time.monotonic(), 0.1))
            try:
                sock = socket.create_connection((address, self.port), left)
            except OSError as error:
                last = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # Before TLS begins, which may drip too.
                exchange.sock = sock
                return sock
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(self, "no connection in time") from last
        raise NewConnectionError(self, f"no connection: {type(last).__name__}") from last

    def request(self: Any, *args: Any, **kwargs: Any) -> None:
        exchange: _Exchange = _thread.exchange
        if self.sock is not None:
            exchange.sock = self.sock
        super().request(*args, **kwargs)  # type: ignore[misc]
        # Over TLS it is another object by now.
        exchange.sock = self.sock


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _PinnedHTTP


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _PinnedHTTPS


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def session(url: str, *, private: bool) -> requests.Session:
    """A connection that stays open, one for each thread: making one (with TLS) costs more than a message."""
    parts = urlsplit(url)
    kept: OrderedDict[Any, requests.Session] = _thread.__dict__.setdefault("kept", OrderedDict())
    # One that may lead into our own network serves nobody who must not go there.
    key = (parts.scheme, parts.netloc, private)
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter())
    # Nothing that a server sets comes back with the next message.
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # The process's proxies and certificates, read once: requests would read them for each message, and that
    # took a sixth of its time.
    found = made.merge_environment_settings(url, {}, None, None, None)
    made.proxies, made.verify, made.trust_env = found["proxies"], found["verify"], False
    kept[key] = made
    while len(kept) > KEPT:
        kept.popitem(last=False)[1].close()
    return made


def post(url: str, *, body: bytes, headers: dict[str, str], private: bool, seconds: float) -> Answer:
    """Raises Forbidden, NotReached or NoAnswer; any answer at all is returned."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Forbidden("not an http address")
    made = session(url, private=private)
    if made.proxies:
        _look_before_the_proxy(parts, private=private)
    exchange = _thread.exchange = _Exchange(time.monotonic() + seconds, private)
    _watch.add(exchange)
    try:
        answer = made.post(
            url,
            data=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, seconds),
            allow_redirects=False,
            stream=True,
        )
        content = _read(answer, exchange)
    except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
        raise NotReached(type(error).__name__) from error
    except requests.ConnectionError as error:
        raise _meant_by(error) from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise NoAnswer("Timeout" if exchange.is_late else type(error).__name__) from error
    finally:
        exchange.over()
    if exchange.is_late:
        raise NoAnswer("Timeout")
    return Answer(answer.status_code, answer.headers, content)


def _meant_by(error: requests.ConnectionError) -> Exception:
    """Whether the connection never came about, or broke."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    if isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError):
        return NotReached(type(reason).__name__)
    return NoAnswer(type(error).__name__)


def _read(answer: requests.Response, exchange: _Exchange) -> bytes:
    parts, size = [], 0
    while size <= LONGEST_ANSWER and (part := answer.raw.read1(LONGEST_ANSWER, decode_content=True)):
        parts.append(part)
        size += len(part)
    if size > LONGEST_ANSWER or exchange.is_late:
        answer.close()
    return b"".join(parts)[:LONGEST_ANSWER]


def _look_before_the_proxy(parts: Any, *, private: bool) -> None:
    """A proxy resolves the name itself; what we see of it is looked at all the same."""
    try:
        resolved(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), private=private)
    except OSError as error:
        raise NotReached("NameResolutionError") from error
