"""What a change of the routing rules would move: which services in which places, and how many reports.

Asked before a rule is saved. Where each would go is the answer of `actions.destination`, once by the rules as
they are and once as they would be; reports are counted by what it looks at, and never read one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from cms.entities.models import Entity, Place, Privacy, RoutingRule, Service
from cms.entities.routing import route
from cms.entities.snapshot import Catalogue

from .actions.destination import destination
from .actions.letters import CheckedLetter
from .confidential import with_enough_grantees
from .models import Report

LOOKS_BACK = timedelta(days=90)
# Fewer confidential reports than this are told by no count, and more by no exact one.
SMALL = 5


@dataclass(frozen=True)
class Move:
    """A service in a place whose reports would go elsewhere than today. None: to triage."""

    service: Service
    place: Place
    before: Entity | None
    after: Entity | None


@dataclass
class Way:
    """All that would go from one entity to another. `reports`: those of normal privacy, of late."""

    before: Entity | None
    after: Entity | None
    moves: list[Move] = field(default_factory=list)
    reports: int = 0
    confidential: int = 0

    @property
    def many_confidential(self) -> bool:
        """Whether there were so many confidential ones that saying so betrays none."""
        return self.confidential >= SMALL


@dataclass(frozen=True)
class Impact:
    """`looked_at`: how many reports of normal privacy the rules concerned spoke of, moved or not."""

    ways: list[Way]
    looked_at: int

    @property
    def moves(self) -> int:
        return sum(len(way.moves) for way in self.ways)

    @property
    def reports(self) -> int:
        return sum(way.reports for way in self.ways)

    @property
    def to_triage(self) -> int:
        """Services in places that no rule would send anywhere any more."""
        return sum(len(way.moves) for way in self.ways if way.after is None)


# What a destination depends on: the service, the place, who sends and whom it is about (ids).
Key = tuple[int, int, int | None, int | None]


def impact(
    now: Catalogue,
    then: Catalogue,
    rules: Iterable[RoutingRule],
    *,
    at: datetime,
    hidden_about: frozenset[int] = frozenset(),
) -> Impact:
    """Of exchanging the rules of `now` for those of `then`, which differ in `rules` alone. Two queries.

    `hidden_about`: entities whose complaints the asker never sees, nor counts.
    """
    spoken_of = _spoken_of(rules, now)
    allowed = _holders(spoken_of.values())
    ways: dict[tuple[int | None, int | None], Way] = {}

    def way(before: Entity | None, after: Entity | None) -> Way:
        key = (before.pk if before else None, after.pk if after else None)
        return ways.setdefault(key, Way(before, after))

    def both(key: Key) -> tuple[Entity | None, Entity | None]:
        return _goes(key, now, allowed), _goes(key, then, allowed)

    for (service_id, place_id), (service, place) in spoken_of.items():
        before, after = both((service_id, place_id, None, None))
        if before != after:
            way(before, after).moves.append(Move(service, place, before, after))
    looked_at = 0
    for key, privacy, count in _counted(set(spoken_of), at, hidden_about):
        looked_at += count if privacy == Privacy.NORMAL else 0
        before, after = both(key)
        if before != after and privacy == Privacy.NORMAL:
            way(before, after).reports += count
        elif before != after:
            way(before, after).confidential += count
    # Only confidential ones, and too few of them to be told.
    shown = [one for one in ways.values() if one.moves or one.reports or one.many_confidential]
    return Impact(sorted(shown, key=lambda one: (-len(one.moves), -one.reports)), looked_at)


def decides(rule: RoutingRule, cat: Catalogue) -> int:
    """In how many services and places this rule of the catalogue is the one that decides."""
    return sum(route(service, place, cat).rule is rule for service, place in _spoken_of([rule], cat).values())


def _spoken_of(rules: Iterable[RoutingRule], cat: Catalogue) -> dict[tuple[int, int], tuple[Service, Place]]:
    """What these rules can decide on at all; nobody reports in a whole region."""
    found = {}
    for rule in rules:
        above = cat.place_by_id(rule.place_id)
        if above is None:
            continue
        places = [
            place
            for place in cat.places
            if place.path.startswith(above.path) and place.kind != Place.Kind.REGION
        ]
        for service in cat.services:
            if _names(rule, service, cat):
                found.update({(service.pk, place.pk): (service, place) for place in places})
    return found


def _names(rule: RoutingRule, service: Service, cat: Catalogue) -> bool:
    if rule.service_id is not None:
        return rule.service_id == service.pk
    category = cat.category(service.category_id)
    return category is not None and rule.category_id in (category.pk, category.parent_id)


def _holders(spoken_of: Iterable[tuple[Service, Place]]) -> Callable[[Entity], bool]:
    if not any(service.privacy == Privacy.CONFIDENTIAL for service, _place in spoken_of):
        return lambda entity: False
    enough = with_enough_grantees()
    return lambda entity: entity.pk in enough


def _goes(key: Key, cat: Catalogue, allowed: Callable[[Entity], bool]) -> Entity | None:
    service, place = cat.service_by_id(key[0]), cat.place_by_id(key[1])
    if service is None or place is None:
        raise LookupError("counted is what the catalogue knows")
    sender = cat.entity_by_id(key[2])
    letter = CheckedLetter(sender=sender, to=None, number="", date=None) if sender else None
    routed = destination(
        service,
        place,
        cat,
        about=cat.entity_by_id(key[3]),
        letter=letter,
        may_hold_confidential=allowed,
    )
    return routed.entity


def _counted(
    spoken_of: set[tuple[int, int]], at: datetime, hidden_about: frozenset[int]
) -> list[tuple[Key, str, int]]:
    """How many reports of late share what a destination depends on: one statement, and a row for each such.

    Parts are given to their entities by who splits, and a letter with an address goes there: no rule moves
    either.
    """
    if not spoken_of:
        return []
    of_late = Report.objects.filter(submitted_at__gt=at - LOOKS_BACK, submitted_at__lte=at)
    # Asked of the letters, which are few and have an index of their own, and not of every first event.
    addressed = of_late.filter(
        sender_entity__isnull=False,
        events__sequence=1,
        events__data__rule=None,
        events__entity__isnull=False,
    )
    reports = of_late.filter(
        Q(sender_entity=None) | ~Q(pk__in=addressed.values("pk")),
        service_id__in={service for service, _place in spoken_of},
        place_id__in={place for _service, place in spoken_of},
        parent=None,
    )
    if hidden_about:
        reports = reports.filter(Q(about_entity=None) | ~Q(about_entity_id__in=hidden_about))
    key = ("service_id", "place_id", "sender_entity_id", "about_entity_id")
    rows = reports.order_by().values_list(*key, "privacy").annotate(count=Count("pk"))
    return [
        ((service, place, sender, about), privacy, count)
        for service, place, sender, about, privacy, count in rows
        if (service, place) in spoken_of
    ]
