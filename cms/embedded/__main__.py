"""`python -m cms.embedded`: the whole product in one process, as `script/server` starts it."""

import argparse
import asyncio
import contextlib
import errno
import ipaddress
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterator

import uvicorn

from . import accounts, folder
from .doors import Doors
from .folder import Refused
from .start import Start


class Server(uvicorn.Server):
    """uvicorn raises the signal again once it has stopped, which would skip our clean-up: we take them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def say(text: str = "") -> None:
    print(text, flush=True)  # noqa: T201 - this program talks to a person at a terminal


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/server",
        description="The whole product in one process on this computer. script/server --help says more.",
    )
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="default: PORT, or 8000")
    parser.add_argument("--reset", action="store_true", help="delete earlier data, begin afresh")
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="address (default: 127.0.0.1)")
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="needed for a --bind other than loopback; turns demonstration accounts and the phone page off",
    )
    return parser.parse_args(argv)


def is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def port_number(text: str) -> int:
    if text.isdecimal() and int(text) < 65536:
        return int(text)
    raise Refused(f"PORT is {text!r}, which is not a port number (0 to 65535).")


def listen(address: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        # Listening from here on, so that two starts at once cannot both believe that they have the port.
        listener.listen(512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(
                f"Port {port} is taken, perhaps by this program; choose another, as in PORT={port + 1}."
            ) from None
        raise Refused(f"Cannot listen on {address} port {port}: {error.strerror or error}.") from None
    return listener


def prepare_environment(options: argparse.Namespace, address: str, *, demo: bool) -> None:
    """Before any setting is read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.embedded")
    os.environ.setdefault("SAWT_BASE_URL", address)
    if not demo:
        os.environ["SAWT_DEMO"] = "false"
        os.environ["ALLOWED_HOSTS"] = ",".join(filter(None, [os.environ.get("ALLOWED_HOSTS"), options.bind]))


def addresses(address: str, *, demo: bool) -> str:
    lines = [
        f"  The site, Arabic       {address}/",
        f"  The site, English      {address}/en/",
        f"  Staff: the admin       {address}/admin/",
        f"  GraphQL                {address}/graphql",
    ]
    if demo:
        lines.append(
            f"  A phone's messages     {address}/demo/phone/0551234567   (any number you report with)"
        )
    return "\n".join(lines)


async def serve(listener: socket.socket, address: str, *, demo: bool) -> int:
    began = time.monotonic()
    doors = Doors()
    server = Server(
        uvicorn.Config(
            doors,
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses hold tracking tokens
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
    )
    start = Start(doors, folder.path(), say, demo=demo)
    failure: list[str] = []
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        start.interrupt()

    async def come_up() -> None:
        try:
            await start.run()
        except Refused as refused:
            if not server.should_exit:
                failure.append(str(refused))
            server.should_exit = True
        except Exception:
            server.should_exit = True
            raise
        else:
            if server.should_exit:
                return
            say(f"\nReady after {time.monotonic() - began:.1f} s.\n\n{addresses(address, demo=demo)}\n")
            if demo:
                say(f"Demonstration accounts for {address}/admin/ (password of each: {accounts.PASSWORD})\n")
                say(accounts.table())
            say("\nCtrl-C stops everything.")

    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop)
    coming = asyncio.create_task(come_up())
    try:
        await server.serve(sockets=[listener])
        await coming
    finally:
        await start.stop()
    if failure:
        say(failure[0])
        return 1
    say("Stopped.")
    return 0


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    demo = is_loopback(options.bind)
    try:
        if not demo and not options.allow_remote:
            raise Refused(
                f"{options.bind} can be reached from other computers, and this way of running is for one; "
                "add --allow-remote to do it all the same, without demonstration accounts."
            )
        listener = listen(options.bind, port_number(options.port))
        host = f"[{options.bind}]" if ":" in options.bind else options.bind
        address = f"http://{host}:{listener.getsockname()[1]}"
        data = folder.path()
        lock = folder.claim(data, address)
        if options.reset:
            if os.environ.get("DATABASE_URL"):
                raise Refused("DATABASE_URL is set: --reset deletes the embedded data only; unset it first.")
            folder.wipe(data)
            say(f"Begun afresh: the data in {data} was deleted.")
    except Refused as refused:
        print(f"script/server: {refused}", file=sys.stderr)  # noqa: T201
        return 1
    prepare_environment(options, address, demo=demo)
    # WhiteNoise hands files over synchronously; Django warns at each one, and nothing is lost by it here.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    # In a container one is often root; the messages come from this very process, not from a network.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    say(f"Sawt is starting on {address} (the page answers already).")
    with lock, listener:
        return asyncio.run(serve(listener, address, demo=demo))


if __name__ == "__main__":
    sys.exit(main())
