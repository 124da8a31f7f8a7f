"""Finding what it is about, and where: the lists that the first two steps offer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from cms.entities.models import Category, Privacy, ReportKind, Service
from cms.entities.snapshot import catalogue

from .drafts import Draft

# On a phone more than this is a list to scroll, not a suggestion.
MOST_FOUND = 8
# For who finds none: it goes to triage.
OTHER = "other"


def is_confidential(service: str) -> bool:
    found = catalogue().service(service)
    return found is not None and found.privacy == Privacy.CONFIDENTIAL


def words_of(data: QueryDict, name: str) -> str:
    return data.get(name, "").replace("\x00", "").strip()[:200]


@dataclass(frozen=True)
class Choice:
    """What was typed or tapped to narrow the services, and the one chosen."""

    query: str = ""
    category: str = ""
    kind: str = ""
    service: str = ""
    # What the person has typed, whatever narrows the list now.
    sentence: str = ""

    @classmethod
    def of(cls, data: QueryDict, draft: Draft | None) -> Choice:
        """From the address: a suggested search, a category or a kind, that a link of ours names."""
        if draft is not None and draft.is_begun and is_confidential(draft.service):
            # Whoever opens the list again need not have asked to see what was searched for.
            draft = replace(draft, query="", sentence="")
        narrowed = any(name in data for name in ("q", "category", "kind"))
        return cls(
            query=words_of(data, "q") if narrowed else draft.query if draft else "",
            category=data.get("category", "")[:60],
            kind=data.get("kind", "")[:12],
            service=data.get("service", draft.service if draft else "")[:60],
            sentence=draft.sentence if draft else "",
        )

    @classmethod
    def typed(cls, data: QueryDict, draft: Draft | None) -> Choice:
        """From the search's form, whose words are in no address and in no log."""
        words = words_of(data, "q")
        return cls(query=words, service=draft.service if draft else "", sentence=words)

    @property
    def kind_label(self) -> str:
        return str(dict(ReportKind.choices).get(self.kind, ""))


@dataclass(frozen=True)
class Found:
    services: list[Service]
    categories: list[Category]
    other: Service | None
    # Whether anything was asked at all: nothing found is not the same as nothing asked.
    asked: bool
    # How many fit what was asked; the one chosen before stands among them whether it fits or not.
    count: int = 0
    category: Category | None = None


def chosen(choice: Choice) -> Found:
    cat = catalogue()
    services: list[Service] = []
    category = next((row for row in cat.categories if row.code == choice.category), None)
    if choice.query:
        services = cat.find_services(choice.query)[:MOST_FOUND]
    elif category:
        within = {category.pk, *(row.pk for row in cat.categories if row.parent_id == category.pk)}
        services = [service for service in cat.services if service.category_id in within]
    elif choice.kind in ReportKind.values:
        services = [service for service in cat.services if service.kind == choice.kind]
    other = cat.service(OTHER)
    services = [service for service in services if service != other]
    count = len(services)
    picked = cat.service(choice.service)
    if picked is not None and picked not in services and picked != other:
        services = [picked, *services]
    used = {service.category_id for service in cat.services}
    return Found(
        services=services,
        categories=[row for row in cat.categories if row.pk in used],
        other=other,
        asked=bool(choice.query or category or choice.kind),
        count=count,
        category=category,
    )
