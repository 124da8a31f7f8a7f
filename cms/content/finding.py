"""Search over pages and services, forgiving the spelling as the catalogue's search does."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from wagtail.models import Locale, Page

from cms.entities import snapshot
from cms.entities.models import Service
from search.analysis import stems

from .models import FaqPage, HomePage, InformationPage, NewsIndexPage, NewsPage, ServiceGuidePage

SEARCHED = (HomePage, InformationPage, NewsIndexPage, NewsPage, FaqPage, ServiceGuidePage)
MOST_WORDS = 8
MOST_PAGES = 50
MOST_SERVICES = 8


@dataclass
class Found:
    pages: list[Page]
    services: list[Service]

    def __bool__(self) -> bool:
        return bool(self.pages or self.services)

    @property
    def count(self) -> int:
        return len(self.pages) + len(self.services)


def find(query: str, language: str) -> Found:
    """Pages of the language that have every word, titles first; and the services that fit."""
    words = list(dict.fromkeys(stems(query[:200])))[:MOST_WORDS]
    if not words:
        return Found([], [])
    locale = Locale.objects.filter(language_code=language).first()
    services = snapshot.catalogue().find_services(query)[:MOST_SERVICES]
    if locale is None:
        return Found([], services)
    ranks: dict[int, tuple[int, int]] = {}
    for model in SEARCHED:
        for pk, rank in _matches(model, words, locale):
            ranks[pk] = (-rank, pk)
    best = sorted(ranks, key=lambda pk: ranks[pk])[:MOST_PAGES]
    pages = {page.pk: page for page in Page.objects.filter(pk__in=best).specific()}
    return Found([pages[pk] for pk in best], services)


def _matches(model: type[Any], words: list[str], locale: Locale) -> list[tuple[int, int]]:
    everywhere, in_title = Q(), Q()
    for word in words:
        everywhere &= Q(text_stems__contains=f" {word}") | Q(title_stems__contains=f" {word}")
        in_title |= Q(title_stems__contains=f" {word}")
    rank = Coalesce(
        Case(When(in_title, then=Value(1)), default=Value(0), output_field=IntegerField()), Value(0)
    )
    found = model.objects.live().public().filter(everywhere, locale=locale).annotate(rank=rank)
    return list(found.order_by("-rank", "pk").values_list("pk", "rank")[:MOST_PAGES])
