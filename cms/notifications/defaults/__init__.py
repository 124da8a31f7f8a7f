"""The texts and rules that the product comes with. What administrators change stays so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def fill(texts: Any, rules: Any) -> None:
    """Write what is missing. `texts`, `rules`: the models, which in a migration are those of its time."""
    texts.objects.bulk_create([texts(**row) for row in read("texts")], ignore_conflicts=True)
    ids = {
        (event, audience): pk for pk, event, audience in texts.objects.values_list("pk", "event", "audience")
    }
    rows = [
        rules(
            event=row["event"],
            audience=row["audience"],
            channel=row["channel"],
            mode=row["mode"],
            template_id=ids[row["text"], row["audience"]],
        )
        for row in read("rules")
    ]
    rules.objects.bulk_create(rows, ignore_conflicts=True)
