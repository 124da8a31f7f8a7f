"""What anyone may ask: the catalogue, the geography, the entities, the pages."""

from __future__ import annotations

import strawberry

from cms.entities import models
from cms.entities.routing import subjects
from cms.entities.snapshot import Catalogue
from cms.reports.errors import Code, DomainError
from cms.reports.texts import REFUSED
from search.analysis import stems

from ..context import Info
from ..enums import Locale, ReportKind
from ..ids import code_of
from .catalogue import Entity, Place, Service
from .pages import Page, PageConnection, PageType, page_at, page_connection

LONGEST_SEARCH = 200


def _handled_by(entity: models.Entity, catalogue: Catalogue) -> set[int]:
    """Ids of the services of which a rule, their own or their category's, leads to the entity."""
    found = set()
    for service in catalogue.services:
        for subject in subjects(service, catalogue):
            if any(rule.entity_id == entity.pk for rule, _place in catalogue.rules_of(subject)):
                found.add(service.pk)
    return found


def _serving(place: models.Place, catalogue: Catalogue) -> set[int]:
    """Ids of the entities whose jurisdiction holds the place or one above it. One query."""
    places = [place.pk, *(above.pk for above in catalogue.ancestors(place))]
    jurisdictions = models.Entity.jurisdiction.through._default_manager.filter(place_id__in=places)
    return set(jurisdictions.values_list("entity_id", flat=True))


def _searched(search: str | None) -> str:
    """The words to search for; `bad_characters` on `search` for what is no text."""
    words = (search or "").strip()[:LONGEST_SEARCH]
    if REFUSED.search(words):
        raise DomainError(Code.BAD_CHARACTERS, field="search")
    return words


def _named(words: str, entities: list[models.Entity]) -> list[models.Entity]:
    """Those of which the names, in either language, have every word or a beginning of it."""
    typed = stems(words)
    if not typed:
        return []

    def fits(entity: models.Entity) -> bool:
        named = stems(f"{entity.name_ar} {entity.short_name_ar} {entity.name_en} {entity.short_name_en}")
        return all(any(stem.startswith(word) for stem in named) for word in typed)

    return [entity for entity in entities if fits(entity)]


@strawberry.type
class PublicQuery:
    @strawberry.field(description="The service catalogue, or what fits a search in plain words, best first.")
    def services(
        self,
        info: Info,
        kind: ReportKind | None = None,
        search: str | None = None,
        entity: strawberry.ID | None = None,
    ) -> list[Service]:
        catalogue = info.context.catalogue
        services = catalogue.services
        if kind is not None:
            services = [service for service in services if service.kind == kind.value]
        if entity is not None:
            row = catalogue.entity(code_of(entity, "Entity") or "")
            handled = _handled_by(row, catalogue) if row else set()
            services = [service for service in services if service.pk in handled]
        if words := _searched(search):
            services = catalogue.find_services(words, services)
        return [Service(row=service) for service in services]

    @strawberry.field(description="The places right under one place; the region itself where none is named.")
    def places(self, info: Info, parent: strawberry.ID | None = None) -> list[Place]:
        catalogue = info.context.catalogue
        row = None
        if parent is not None:
            row = catalogue.place(code_of(parent, "Place") or "")
            if row is None:
                return []
        return [Place(row=place) for place in catalogue.children(row)]

    @strawberry.field(description="The entities: those whose name fits, those that serve a place.")
    def entities(
        self, info: Info, search: str | None = None, place: strawberry.ID | None = None
    ) -> list[Entity]:
        catalogue = info.context.catalogue
        entities = catalogue.entities
        if place is not None:
            row = catalogue.place(code_of(place, "Place") or "")
            serving = _serving(row, catalogue) if row else set()
            entities = [entity for entity in entities if entity.pk in serving]
        if words := _searched(search):
            entities = _named(words, entities)
        return [Entity(row=entity) for entity in entities]

    @strawberry.field(
        description="The public page at a path such as “/about/”, in the locale or the request's language."
    )
    def page(self, info: Info, path: str, locale: Locale | None = None) -> Page | None:
        return page_at(info.context, path, locale)

    @strawberry.field(description="Public pages, those under a path where one is given; news newest first.")
    def pages(
        self,
        info: Info,
        under: str | None = None,
        type: PageType | None = None,
        locale: Locale | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> PageConnection:
        return page_connection(info.context, under=under, type=type, locale=locale, first=first, after=after)
