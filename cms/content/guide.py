"""The service guide, read from the catalogue: what one can report on, and what is promised."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404

from cms.content.counting import counted
from cms.entities import snapshot
from cms.entities.models import Category, Service


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


def promise(value: int | None, unit: str) -> str:
    """`3 working days`; empty where nothing is promised."""
    return counted(value, {"days": "working_day", "hours": "working_hour"}[unit]) if value and unit else ""


def questions(service: Service) -> list[Any]:
    return list(getattr(service, "questions", None) or service.intake_questions.all())
