"""Who can sign in to the demonstration, as the table that the start ends with."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "demo" / "data"
OFF = "demo-accounts-off.json"
PASSWORD = "demo"  # noqa: S105 - the password of invented people, on loopback only
# What each role comes here to do, for a newcomer who chooses whom to be.
TASKS = {
    "coordinator": "receives reports, assigns them, sends the replies",
    "specialist": "works on assigned reports, drafts replies",
    "leader": "sees what is late in the entity",
    "supervisor": "watches every entity, routes what fits nobody",
    "emirate": "leads the region: the whole picture",
    "auditor": "reads everything that was done, changes nothing",
    "agent": "enters reports for people who call",
    "editor": "writes the public pages",
    "admin": "keeps entities, services, people and settings",
    "triage-confidential": "acts on every report, confidential ones too",
}


def people() -> list[dict[str, Any]]:
    staff = json.loads((DATA / "staff.json").read_text(encoding="utf-8"))["staff"]
    return [person for person in staff if person["login"]]


def logins() -> list[str]:
    return [person["login"] for person in people()]


def table() -> str:
    entities = json.loads((DATA / "entities.json").read_text(encoding="utf-8"))["entities"]
    names = {entity["code"]: entity["name_en"] for entity in entities}
    order = list(TASKS)
    rows = [("sign in as", "who", "does", "where")]
    for person in sorted(people(), key=lambda one: (_rank(order, one["role"]), one["login"])):
        rows.append(
            (
                person["login"],
                person["name_en"],
                TASKS.get(person["role"], person["role"]),
                names.get(person["entity"], person["entity"]) if person["entity"] else "the whole region",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join(
        ["  " + lines[0], "  " + "-" * max(map(len, lines)), *("  " + line for line in lines[1:])]
    )


def _rank(order: list[str], role: str) -> int:
    return order.index(role) if role in order else len(order)


def switch(folder: Path, *, on: bool) -> None:
    """Close the demonstration's accounts (their sessions end too), and open exactly those again."""
    from permissions.models import User

    kept = folder / OFF
    if on and kept.exists():
        User.objects.filter(pk__in=json.loads(kept.read_text())).update(is_active=True)
        kept.unlink()
    elif not on:
        closing = list(
            User.objects.filter(username__in=logins(), is_active=True).values_list("pk", flat=True)
        )
        earlier = json.loads(kept.read_text()) if kept.exists() else []
        kept.write_text(json.dumps(sorted({*earlier, *closing})))
        User.objects.filter(pk__in=closing).update(is_active=False)
