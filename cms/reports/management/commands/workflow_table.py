"""`docs/workflow.md`, from the one table: who may do what from which states, and who reads of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from cms.reports.audiences import AUDIT_ONLY, ENTITY_ONLY, EVERYONE, INSIDE
from cms.reports.workflow import ALL, ENDED, OPEN, TRANSITIONS, State, Transition, Way, Who
from permissions.roles import ROLES

HEAD = """# The life of a report

Written by `manage.py workflow_table > docs/workflow.md` from `cms/reports/workflow.py` and
`permissions/roles.py`; a test fails where they differ, so that no rule changes unseen.
"""
READERS = {EVERYONE: "sender, entity, leadership", INSIDE: "entity, leadership", ENTITY_ONLY: "entity"}
READERS[AUDIT_ONLY] = "audit, grantees"
SETS = {ALL: "any", OPEN: "any open", ENDED: "any ended"}


def _from(states: frozenset[State]) -> str:
    """The states in the order of a report's life, or the name of all of a sort."""
    if not states:
        return "–"
    return SETS.get(states) or ", ".join(state for state in State if state in states)


def _who(way: Way) -> str:
    if way.who is not Who.STAFF:
        return f"the {way.who}"
    held = f"`{way.codename}`"
    if way.assigned:
        held += f", or `{way.assigned}` where assigned"
    if way.while_absent:
        held += f", or `{way.while_absent}` while the responsible person is absent"
    return held + (f" (of privacy {way.privacy})" if way.privacy else "")


def _rows(row: Transition) -> list[str]:
    name = f"{row.action}" if row.built else f"{row.action} (not built)"
    marks = ["version" if row.version else "", "unseen" if row.unseen else ""]
    rest = [row.to or "as it says", READERS[row.audiences], ", ".join(filter(None, marks)) or "–"]
    return [f"| {name} | {_from(way.states)} | {_who(way)} | {' | '.join(rest)} |" for way in row.ways]


def _arrows() -> list[str]:
    """Those whose end the table knows; a diagram of every other one would show each state leading to each."""
    found: dict[tuple[State, State], list[str]] = {}
    for row in TRANSITIONS.values():
        for way in row.ways if row.to and row.to not in {State.MERGED, State.WITHDRAWN} else ():
            for state in (state for state in State if state in way.states):
                names = found.setdefault((state, row.to), [])  # type: ignore[arg-type]
                if row.action not in names:
                    names.append(row.action)
    return [f"    {begin} --> {end}: {', '.join(names)}" for (begin, end), names in found.items()]


def document() -> str:
    with override("en"):
        lines = [HEAD, "```mermaid", "stateDiagram-v2", *_arrows(), "```", "", "## Who may do what", ""]
        lines += ["| action | from | by whom | to | who reads of it | marks |", "|---|---|---|---|---|---|"]
        lines += [line for row in TRANSITIONS.values() for line in _rows(row)]
        lines += [
            "",
            "`version`: staff say which version they saw. `unseen`: done without seeing the report.",
            "",
        ]
        lines += ["## What each role holds", ""]
        for role in ROLES.values():
            where = "everywhere" if role.region else "at its entity and below"
            held = ", ".join(f"`{codename}`" for codename in sorted(role.codenames)) or "nothing"
            lines.append(f"- **{role.code}**, {where}: {held}")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Prints the table of the workflow and the roles as a page of documentation."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")
