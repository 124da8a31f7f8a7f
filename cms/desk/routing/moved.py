"""What a change of the rules would move, as the desk shows it: whole places by their name, a few of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from cms.entities.models import Entity, Place, RoutingRule, Service
from cms.entities.snapshot import Catalogue, catalogue
from cms.reports import rerouting
from cms.reports.rerouting import LOOKS_BACK, Impact, Move, Way
from permissions.policy import Scope

# How much of it is listed; the numbers beside are of all.
MOST_WAYS, MOST_SERVICES, MOST_PLACES = 12, 6, 6


@dataclass(frozen=True)
class Line:
    """One service, and where it would go another way; `more`: places beyond those named."""

    service: Service
    places: list[str]
    more: int


@dataclass(frozen=True)
class Row:
    way: Way
    lines: list[Line]
    more: int

    @property
    def before(self) -> Entity | None:
        return self.way.before

    @property
    def after(self) -> Entity | None:
        return self.way.after


@dataclass(frozen=True)
class Shown:
    """`seen` names the rule as it would be and the catalogue as it is: what was looked at, to be sent back.

    `decides`: in how many services and places the rule would be the one that decides; None where it goes.
    """

    impact: Impact
    rows: list[Row]
    more: int
    decides: int | None
    seen: str

    @property
    def days(self) -> int:
        return LOOKS_BACK.days


def seen(rule: RoutingRule, cat: Catalogue, *, deleted: bool = False) -> str:
    said = "-" if deleted else f"{rule.service_id}.{rule.category_id}.{rule.place_id}.{rule.entity_id}"
    return f"{cat.stamp}:{rule.pk}:{said}"


def would_move(rule: RoutingRule, scope: Scope, *, deleted: bool = False) -> Shown:
    """Of saving the rule as it is now in memory, or of deleting it; nothing is written."""
    cat = catalogue()
    then = cat.supposing(None if deleted else rule, instead_of=rule.pk)
    concerned = [one for one in cat.rules if one.pk == rule.pk and rule.pk is not None]
    if not deleted:
        concerned.append(rule)
    found = rerouting.impact(cat, then, concerned, at=timezone.now(), hidden_about=scope.kin)
    return Shown(
        impact=found,
        rows=[_row(way, cat) for way in found.ways[:MOST_WAYS]],
        more=max(0, len(found.ways) - MOST_WAYS),
        decides=None if deleted else rerouting.decides(rule, then),
        seen=seen(rule, cat, deleted=deleted),
    )


def _row(way: Way, cat: Catalogue) -> Row:
    by_service: dict[int, list[Move]] = {}
    for move in way.moves:
        by_service.setdefault(move.service.pk, []).append(move)
    lines = [_line(moves, cat) for moves in list(by_service.values())[:MOST_SERVICES]]
    return Row(way, lines, max(0, len(by_service) - MOST_SERVICES))


def _line(moves: list[Move], cat: Catalogue) -> Line:
    places = wholes({move.place.pk for move in moves}, cat)
    named = [_named(place, whole) for place, whole in places[:MOST_PLACES]]
    return Line(moves[0].service, named, max(0, len(places) - MOST_PLACES))


def _named(place: Place, whole: bool) -> str:
    return gettext("all of %(place)s") % {"place": place.name} if whole else place.name


def wholes(moved: set[int], cat: Catalogue) -> list[tuple[Place, bool]]:
    """These places (ids) in the tree's order; where all of one is among them, it stands for all in it."""
    found: list[tuple[Place, bool]] = []
    covered: Any = None
    for place in cat.places:
        if covered is not None and place.path.startswith(covered):
            continue
        within = [
            one for one in cat.places if one.path.startswith(place.path) and one.kind != Place.Kind.REGION
        ]
        if len(within) > 1 and all(one.pk in moved for one in within):
            found.append((place, True))
            covered = place.path
        elif place.pk in moved:
            found.append((place, False))
    return found
