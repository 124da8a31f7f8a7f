"""The connection to Elasticsearch. An import rule names who has it: `asking`, `keeping` and `building`."""

from __future__ import annotations

import os
import threading
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from elasticsearch import Elasticsearch

from . import mapping

# A search that takes longer is answered by the database.
PATIENCE = 1.5
# A bulk of documents may take its time.
WRITING = 30.0

_lock = threading.Lock()
_made: tuple[int, str, Elasticsearch] | None = None


def client() -> Elasticsearch:
    """One for a process; a new one after a fork, and where the setting was changed."""
    global _made
    address = settings.ELASTICSEARCH_URL
    made = _made
    if made is None or made[:2] != (os.getpid(), address):
        with _lock:
            made = _made = (os.getpid(), address, _connect(address))
    return made[2]


def _connect(address: str) -> Elasticsearch:
    """`https://user:password@host:9200/?ca=/path/of/its/authority.pem`; nothing is tried twice by itself."""
    given = urlsplit(address)
    port = given.port or (443 if given.scheme == "https" else 9200)
    options: dict[str, object] = {}
    if given.username:
        options["basic_auth"] = (unquote(given.username), unquote(given.password or ""))
    if authority := parse_qs(given.query).get("ca"):
        options["ca_certs"] = authority[0]
    return Elasticsearch(
        [f"{given.scheme}://{given.hostname}:{port}{given.path.rstrip('/')}"],
        request_timeout=WRITING,
        max_retries=0,
        retry_on_timeout=False,
        **options,  # type: ignore[arg-type]
    )


def family() -> str:
    """What the names of all of this installation's indices begin with."""
    return f"{settings.SAWT_SEARCH_PREFIX}-reports"


def alias() -> str:
    """What is asked: the index of our mapping that lives. An earlier release asks its own."""
    return f"{family()}-{mapping.VERSION}"


def next_alias() -> str:
    """The index that is being built, while one is."""
    return f"{alias()}-next"
