"""The service guide, read from the catalogue: what one can report on, and what is promised."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404

from cms.content.counting import counted
from cms.entities import snapshot
from cms.entities.models import Category, Service

AROUND_THE_CLOCK = "around_the_clock"


@dataclass
class Group:
    """One category of the guide with its own services and its parts."""

    category: Category
    services: list[Service] = field(default_factory=list)
    parts: list["Group"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"category-{self.category.code}"


def catalogue() -> list[Group]:
    """The categories in their order, empty ones left out."""
    present = snapshot.catalogue()
    groups = {category.pk: Group(category) for category in present.categories}
    for service in present.services:
        groups[service.category_id].services.append(service)
    top: list[Group] = []
    for group in groups.values():
        parent = groups.get(group.category.parent_id) if group.category.parent_id else None
        if group.services or any(c.parent_id == group.category.pk for c in present.categories):
            (parent.parts if parent else top).append(group)
    return [group for group in top if group.services or any(part.services for part in group.parts)]


def service_or_404(code: str) -> Service:
    service = snapshot.catalogue().service(code)
    if service is None:
        raise Http404
    return service


def promise(service: Service, which: str = "resolution") -> str:
    """`3 working days`, or `8 hours` where whoever answers never closes; empty where nothing is promised."""
    value, unit = getattr(service, f"{which}_value"), getattr(service, f"{which}_unit")
    if not value or not unit:
        return ""
    nouns = {"days": "day", "hours": "hour"} if _never_closes(service) else NOUNS
    return counted(value, nouns[unit])


NOUNS = {"days": "working_day", "hours": "working_hour"}


def _never_closes(service: Service) -> bool:
    """Before a place is chosen nobody knows who answers: all that its rules lead to work around the clock.

    Found out once for all services of one reading of the catalogue, and kept with them.
    """
    if not hasattr(service, "never_closes"):
        known = snapshot.catalogue()
        for one in {service, *known.services}:
            one.never_closes = _modes(one, known) == {AROUND_THE_CLOCK}  # type: ignore[attr-defined]
    return bool(service.never_closes)  # type: ignore[attr-defined]


def _modes(service: Service, known: snapshot.Catalogue) -> set[str]:
    """How they work to whom a report of it may go; a service's rules come before its category's."""
    category = known.category(service.category_id)
    subjects: list[tuple[str, int | None]] = [
        ("service_id", service.pk),
        ("category_id", service.category_id),
    ]
    subjects.append(("category_id", category.parent_id if category else None))
    for name, pk in subjects if not service.goes_to_triage else ():
        rules = [rule for rule in known.rules if pk is not None and getattr(rule, name) == pk]
        if rules:
            entities = [known.entity_by_id(rule.entity_id) for rule in rules]
            calendars = {entity.calendar_id if entity else None for entity in entities}
            return {known.calendar_version(pk).hours["mode"] for pk in calendars}
    return set()


def questions(service: Service) -> list[Any]:
    return list(getattr(service, "questions", None) or service.intake_questions.all())
