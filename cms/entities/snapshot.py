"""The catalogue in the process: places, entities, services with questions, rules and calendars.

It changes a few times a day and is read by every request, so it is read once and kept under the stamp of
`CatalogueVersion`; each call costs the one query that reads the stamp. The instances are shared by all
threads: read-only.
"""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, Subquery
from django.utils import timezone

from .bounds import Bounds
from .catalogue import Index
from .escalation import Ladders
from .models import (
    Calendar,
    CalendarVersion,
    CatalogueVersion,
    Category,
    Entity,
    Escalation,
    IntakeQuestion,
    Occasion,
    Place,
    RoutingRule,
    Service,
)


class Catalogue:
    """One consistent reading. Lookups by code raise nothing: they give None for what is not there."""

    def __init__(self, stamp: uuid.UUID) -> None:
        self.stamp = stamp
        self.places: list[Place] = list(Place.objects.order_by("path"))
        # None where no place has coordinates: then no point is refused.
        self.bounds = Bounds.around(self.places, settings.SAWT_REGION_MARGIN_KM)
        # Of closed ones too, for what tells of the past. Nothing goes there any more.
        self.entities_ever: list[Entity] = list(Entity.objects.order_by("path"))
        self.entities: list[Entity] = [entity for entity in self.entities_ever if entity.is_active]
        self.categories: list[Category] = list(Category.objects.order_by("order", "pk"))
        questions = Prefetch(
            "intake_questions", IntakeQuestion.objects.order_by("order"), to_attr="questions"
        )
        by_category = {category.pk: category for category in self.categories}
        # Of services that are given up too, as `entities_ever`.
        services_ever = list(Service.objects.prefetch_related(questions).order_by("category__order", "pk"))
        for service in services_ever:
            service.category = by_category[service.category_id]
        self.services: list[Service] = [service for service in services_ever if service.is_active]
        self._places = {place.code: place for place in self.places}
        self._places_by_id = {place.pk: place for place in self.places}
        self._places_by_path = {place.path: place for place in self.places}
        self._children: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            self._children[place.path[: -Place.steplen]].append(place)
        self._entities = {entity.code: entity for entity in self.entities}
        self._entities_ever = {entity.pk: entity for entity in self.entities_ever}
        self._entities_by_id = {entity.pk: entity for entity in self.entities}
        self._services = {service.code: service for service in self.services}
        self._services_by_id = {service.pk: service for service in self.services}
        self.services_ever = services_ever
        self._services_ever = {service.pk: service for service in services_ever}
        self._categories = by_category
        self._index: Index[Service] | None = None
        self._keep_rules(RoutingRule.objects.order_by("pk"))
        # Of each calendar all versions, the last one first.
        self._calendars: dict[int, list[CalendarVersion]] = defaultdict(list)
        for version in CalendarVersion.objects.select_related("calendar").order_by("-number"):
            self._calendars[version.calendar_id].append(version)
        self._of_places: list[Occasion] = list(
            Occasion.objects.exclude(place=None).select_related("place").order_by("first_day", "pk")
        )
        self.ladders = Ladders(Escalation.objects.prefetch_related("steps"))
        self.region_calendar_id: int | None = (
            Calendar.objects.filter(is_region_default=True).values_list("pk", flat=True).first()
        )

    def place(self, code: str) -> Place | None:
        return self._places.get(code)

    def place_by_id(self, pk: int) -> Place | None:
        return self._places_by_id.get(pk)

    def children(self, place: Place | None = None) -> list[Place]:
        return self._children.get(place.path if place else "", [])

    def ancestors(self, place: Place) -> list[Place]:
        """From the region down to the parent."""
        step = Place.steplen
        return [self._places_by_path[place.path[:end]] for end in range(step, len(place.path), step)]

    def entity(self, code: str) -> Entity | None:
        return self._entities.get(code)

    def entity_by_id(self, pk: int | None) -> Entity | None:
        return self._entities_by_id.get(pk) if pk is not None else None

    def entity_ever(self, pk: int | None) -> Entity | None:
        """Of closed ones too."""
        return self._entities_ever.get(pk) if pk is not None else None

    def is_at_or_below(self, entity: Entity, other: Entity) -> bool:
        return entity.path.startswith(other.path)

    def service(self, code: str) -> Service | None:
        return self._services.get(code)

    def service_by_id(self, pk: int) -> Service | None:
        return self._services_by_id.get(pk)

    def service_ever(self, pk: int) -> Service | None:
        """Of those given up too."""
        return self._services_ever.get(pk)

    def category(self, pk: int | None) -> Category | None:
        return self._categories.get(pk) if pk is not None else None

    def find_services(self, query: str, among: Collection[Service] | None = None) -> list[Service]:
        """The services that fit what was typed, best first; of some of them only where they are given."""
        # Two threads may both make the first one: they make the same.
        index = self._index
        if index is None:
            index = self._index = Index(self.services)
        return index.search(query, among)

    def _keep_rules(self, rules: Iterable[RoutingRule]) -> None:
        self.rules: list[RoutingRule] = list(rules)
        of_services = (rule for rule in self.rules if rule.service_id)
        of_categories = (rule for rule in self.rules if rule.category_id)
        self._service_rules = {(rule.service_id, rule.place_id): rule for rule in of_services}
        self._category_rules = {(rule.category_id, rule.place_id): rule for rule in of_categories}

    def supposing(self, rule: RoutingRule | None, *, instead_of: int | None = None) -> Catalogue:
        """This reading as it would be with `rule` (or none) in the place of the one of that number."""
        supposed = copy(self)
        kept = [one for one in self.rules if one.pk != instead_of]
        supposed._keep_rules([*kept, rule] if rule is not None else kept)
        return supposed

    def rule_for(self, subject: Service | Category, place: Place) -> RoutingRule | None:
        """The rule that names this service or this category in this very place."""
        rules = self._service_rules if isinstance(subject, Service) else self._category_rules
        return rules.get((subject.pk, place.pk))

    def rules_of(self, subject: Service | Category) -> list[tuple[RoutingRule, Place]]:
        """The rules that name this service or this category, with their places in the tree's order."""
        found = ((self.rule_for(subject, place), place) for place in self.places)
        return [(rule, place) for rule, place in found if rule is not None]

    def calendar_version(self, calendar_id: int | None, at: datetime | None = None) -> CalendarVersion:
        """The version of a calendar that is in force at a moment, now; the region's where the id is None."""
        wanted = calendar_id if calendar_id is not None else self.region_calendar_id
        if wanted is None or wanted not in self._calendars:
            raise LookupError("no region calendar with a version is set up")
        versions, moment = self._calendars[wanted], at or timezone.now()
        in_force = (one for one in versions if one.valid_from is None or one.valid_from <= moment)
        return next(in_force, versions[-1])

    def version(self, calendar_id: int, number: int) -> CalendarVersion:
        """That very version, whether it is in force or not."""
        return next(one for one in self._calendars[calendar_id] if one.number == number)

    def closures_in(self, place: Place) -> list[Occasion]:
        """When work is suspended there, and not in the whole region."""
        return [one for one in self._of_places if one.place and place.path.startswith(one.place.path)]


_lock = threading.Lock()
_kept: Catalogue | None = None


def present_stamp() -> Subquery:
    """The stamp as a column of another query, whose reader then gives it to `catalogue()`."""
    return Subquery(CatalogueVersion.objects.order_by("pk").values("stamp")[:1])


def catalogue(stamp: uuid.UUID | None = None) -> Catalogue:
    """The present catalogue: one query when nothing changed, none where `stamp` was just read elsewhere."""
    global _kept
    if stamp is None:
        stamp = CatalogueVersion.objects.values_list("stamp", flat=True).first()
    if stamp is None:
        stamp = CatalogueVersion.objects.create().stamp
    kept = _kept
    if kept is None or kept.stamp != stamp:
        with _lock:
            kept = Catalogue(stamp)
            _kept = kept
    return kept


def renew() -> None:
    """Say that the catalogue changed. Called by `cms.entities` when one of its rows is saved or deleted."""
    if not CatalogueVersion.objects.update(stamp=uuid.uuid4()):
        CatalogueVersion.objects.create()
