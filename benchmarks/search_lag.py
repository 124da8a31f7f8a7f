"""How long a report that was acknowledged is not found yet, while reports are sent as fast as 50 a second.

Over GraphQL, to the whole server, with an Elasticsearch of its own; who watches asks that one directly, every
50 ms. What a machine cannot take is told by the rate that was reached.
"""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.request

from .faults import Load, running
from .filed import Table, until
from .measuring import Rows, load_average, percentile
from .search_faults import Commands, Elastic

RATE, SENDERS = 50, 20
SECONDS = int(os.environ.get("SAWT_PROVE_SECONDS", "120"))
AT_MOST = 2.0
ALIAS = "from search.backends.elastic.client import alias; print(alias())"


class Watch:
    """`lags`: seconds from each acknowledgement to the report's being found."""

    def __init__(self, load: Load, address: str) -> None:
        self.lags: list[float] = []
        self._load, self._address = load, address
        self._missing: dict[str, float] = {}
        self._seen = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join(60)

    @property
    def waits(self) -> bool:
        return bool(self._missing) or self._seen < len(self._load.moments)

    def _run(self) -> None:
        while not self._ends.wait(0.05):
            # Both grow together, this one last.
            count = len(self._load.moments)
            for number in range(self._seen, count):
                self._missing[self._load.acknowledged[number]] = self._load.moments[number]
            self._seen = count
            if self._missing:
                self._look()

    def _look(self) -> None:
        asked = list(self._missing)[:10_000]
        body = {
            "query": {"terms": {"reference": asked}},
            "docvalue_fields": ["reference"],
            "size": len(asked),
        }
        request = urllib.request.Request(  # noqa: S310 (our own)
            f"{self._address}/_search", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own)
            found = json.load(answer)["hits"]["hits"]
        now = time.monotonic()
        for one in found:
            self.lags.append(now - self._missing.pop(one["fields"]["reference"][0]))


def search_lag() -> Rows:
    table = Table()
    with running() as servers:
        elastic = Elastic(servers)
        commands = Commands(servers)
        elastic.start()
        try:
            servers.start_web()
            status, said = commands.done("search_rebuild")
            if status:
                raise SystemExit(f"script/prove: {said}")
            _status, alias = commands.done("shell", "--verbosity=0", "-c", ALIAS)
            address = f"{servers.environment['ELASTICSEARCH_URL']}/{alias.split()[-1]}"
            load = Load(servers, senders=SENDERS, every=SENDERS / RATE)
            with Watch(load, address) as watch:
                with load:
                    time.sleep(SECONDS)
                until(lambda: not watch.waits, "all to be found", 120)
            servers.stop_web()
        finally:
            elastic.stop()
    span = load.moments[-1] - load.moments[0]
    half = percentile(watch.lags, 0.5)
    table.add("reports acknowledged", f"{len(watch.lags):,}", "–")
    table.add(
        "a second, with everything on this machine", f"{len(watch.lags) / span:.1f}", f"{RATE} are sent"
    )
    table.add("tries that were refused", str(load.refused.total()), "–")
    table.add("from acknowledged to found, median", f"{half:.2f} s", f"≤ {AT_MOST:.0f} s", half <= AT_MOST)
    table.add("p95, the longest", f"{percentile(watch.lags, 0.95):.2f} s, {max(watch.lags):.2f} s", "–")
    table.add("load of the machine", load_average(), "–")
    return table.rows
