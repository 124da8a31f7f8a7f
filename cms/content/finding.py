"""Search over pages and services, forgiving the spelling as the catalogue's search does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, IntegerField, Q, When
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
    """Pages of the language by how many of the words they have, titles first; and the services that fit."""
    words = list(dict.fromkeys(stems(query[:200])))[:MOST_WORDS]
    if not words:
        return Found([], [])
    locale = Locale.objects.filter(language_code=language).first()
    services = snapshot.catalogue().find_services(query)[:MOST_SERVICES]
    if locale is None:
        return Found([], services)
    ranks: dict[int, tuple[int, int]] = {}
    for model in SEARCHED:
        ranks |= _matches(model, words, locale)
    # In a sentence no page has every word; one that has few of those that the best have is beside the point.
    enough = max((found for found, _in_title in ranks.values()), default=0) / 2
    fitting = [pk for pk, (found, _in_title) in ranks.items() if found > enough or found == len(words)]
    best = sorted(fitting, key=lambda pk: (*(-part for part in ranks[pk]), pk))[:MOST_PAGES]
    pages = {page.pk: page for page in Page.objects.filter(pk__in=best).specific()}
    return Found([pages[pk] for pk in best], services)


def _matches(model: type[Any], words: list[str], locale: Locale) -> dict[int, tuple[int, int]]:
    """By page: how many of the words it has, and how many of them in its title."""

    def counted(holds: Callable[[str], Q]) -> Any:
        one = (Case(When(holds(word), then=1), default=0, output_field=IntegerField()) for word in words)
        return reduce(add, one)

    found = counted(lambda word: Q(text_stems__contains=f" {word}") | Q(title_stems__contains=f" {word}"))
    in_title = counted(lambda word: Q(title_stems__contains=f" {word}"))
    rows = (
        model.objects.live()
        .public()
        .filter(locale=locale)
        .annotate(found=found, in_title=in_title)
        .filter(found__gt=0)
        .order_by("-found", "-in_title", "pk")
        .values_list("pk", "found", "in_title")[:MOST_PAGES]
    )
    return {pk: (found, in_title) for pk, found, in_title in rows}
