"""What the sender of a split report reads: one reference, and all parts under it."""

from __future__ import annotations

from .models import Report
from .timeline import senders_events

BESIDE = ("service", "place", "entity", "sender", "merged_into", "merged_into__entity")


def parts_of(report: Report) -> list[Report]:
    """The parts in their order; asks nothing where the report was never split."""
    if not any(event.code == "split" for event in senders_events(report)):
        return []
    return list(report.children.select_related(*BESIDE).order_by("pk"))


def part_of(report: Report, number: int) -> Report | None:
    """The part of this number, from 1."""
    parts = parts_of(report)
    return parts[number - 1] if 1 <= number <= len(parts) else None


def known_as(report: Report) -> str:
    """The reference that its sender knows: a part has its parent's."""
    return report.parent.reference if report.parent is not None else report.reference
