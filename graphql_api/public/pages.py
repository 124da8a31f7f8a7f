"""The site's pages, headless: only what is live and public, in keyset pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import Any

import strawberry
from django.db.models import Q
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content import models
from cms.reports.errors import Code, DomainError
from cms.reports.texts import REFUSED

from ..conf import limit
from ..context import Context, Info
from ..enums import Locale
from ..ids import global_id
from .blocks import Block, blocks_of
from .bodies import Bodies

LONGEST_PATH = 500


@strawberry.enum
class PageType(Enum):
    HOME = "homepage"
    INFORMATION = "informationpage"
    NEWS_INDEX = "newsindexpage"
    NEWS = "newspage"
    FAQ = "faqpage"
    SERVICE_GUIDE = "serviceguidepage"


MODELS: dict[PageType, type[WagtailPage]] = {
    PageType.HOME: models.HomePage,
    PageType.INFORMATION: models.InformationPage,
    PageType.NEWS_INDEX: models.NewsIndexPage,
    PageType.NEWS: models.NewsPage,
    PageType.FAQ: models.FaqPage,
    PageType.SERVICE_GUIDE: models.ServiceGuidePage,
}


@strawberry.type(description="The same page in another language.")
class Alternate:
    locale: Locale
    title: str
    url: str


class Together:
    """Pages that are answered together: what their fields need is read once for all of them."""

    def __init__(self, context: Context, pages: Sequence[WagtailPage]) -> None:
        self.context = context
        self.pages = pages

    @cached_property
    def bodies(self) -> Bodies:
        return Bodies(self.pages)

    @cached_property
    def versions(self) -> dict[Any, list[WagtailPage]]:
        """Translation key → the live, public pages of all languages."""
        keys = [page.translation_key for page in self.pages]
        found = (
            WagtailPage.objects.live()
            .public()
            .filter(translation_key__in=keys)
            .select_related("locale")
            .order_by("locale_id")
        )
        versions = defaultdict(list)
        for page in found:
            versions[page.translation_key].append(page)
        return versions


@strawberry.type(description="A public page. What editors write is in its own language only.")
class Page:
    row: strawberry.Private[Any]
    together: strawberry.Private[Together]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return global_id("Page", str(self.row.pk))

    @strawberry.field
    def type(self) -> PageType:
        return PageType(self.row._meta.model_name)

    @strawberry.field
    def title(self) -> str:
        return str(self.row.title)

    @strawberry.field
    def introduction(self) -> str:
        return str(self.row.introduction)

    @strawberry.field(description="The page's path on the site, as “page(path:)” takes it.")
    def path(self, info: Info) -> str:
        return self.row.get_url(info.context.request) or ""

    @strawberry.field
    def url(self, info: Info) -> str:
        return self.row.get_full_url(info.context.request) or ""

    @strawberry.field
    def locale(self) -> Locale:
        return Locale(self.row.locale.language_code)

    @strawberry.field(description="The date of a piece of news.")
    def date(self) -> date | None:
        return getattr(self.row, "date", None)

    @strawberry.field
    def last_published_at(self) -> datetime | None:
        published: datetime | None = self.row.last_published_at
        return published

    @strawberry.field
    def body(self) -> list[Block]:
        return blocks_of(self.row, self.together.bodies)

    @strawberry.field(description="The page in its other languages.")
    def alternates(self, info: Info) -> list[Alternate]:
        return [
            Alternate(
                locale=Locale(other.locale.language_code),
                title=other.title,
                url=other.get_full_url(info.context.request) or "",
            )
            for other in self.together.versions[self.row.translation_key]
            if other.pk != self.row.pk
        ]


@strawberry.type
class PageEdge:
    cursor: str
    node: Page


@strawberry.type(name="PageInfo")
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class PageConnection:
    edges: list[PageEdge]
    page_info: PageInfo


def _language(context: Context, locale: Locale | None) -> str:
    return str(locale.value) if locale else context.language


def _home(context: Context, language: str) -> WagtailPage | None:
    site = Site.find_for_request(context.request)
    if site is None:
        return None
    homes = WagtailPage.objects.live().filter(translation_key=site.root_page.translation_key)
    found: WagtailPage | None = homes.filter(locale__language_code=language).first()
    return found


def _clean_path(path: str) -> list[str]:
    if len(path) > LONGEST_PATH or REFUSED.search(path):
        return ["\N{REPLACEMENT CHARACTER}"]
    return [step for step in path.split("?")[0].split("/") if step]


def _find(context: Context, path: str, language: str) -> WagtailPage | None:
    """The live, public page at the path in this language, by its own address or by its translation's."""
    steps = _clean_path(path)
    if steps and steps[0] in {locale.value for locale in Locale}:
        prefix = steps.pop(0)
        # The address names the language; an explicit locale asks for its translation.
        languages = [prefix, language]
    else:
        languages = [language, *(locale.value for locale in Locale if locale.value != language)]
    for tried in dict.fromkeys(languages):
        home = _home(context, tried)
        if home is None:
            continue
        url_path = home.url_path + "".join(f"{step}/" for step in steps)
        found = WagtailPage.objects.live().public().filter(url_path=url_path).select_related("locale").first()
        if found is None:
            continue
        if found.locale.language_code == language:
            return found
        translations = WagtailPage.objects.live().public().filter(translation_key=found.translation_key)
        match = translations.filter(locale__language_code=language).select_related("locale").first()
        return match
    return None


def page_at(context: Context, path: str, locale: Locale | None) -> Page | None:
    steps = _clean_path(path)
    language = _language(context, locale)
    if locale is None and steps and steps[0] in {choice.value for choice in Locale}:
        language = steps[0]
    row = _find(context, path, language)
    if row is None:
        return None
    specific = row.specific
    if type(specific) not in MODELS.values():
        return None
    return Page(row=specific, together=Together(context, [specific]))


def _cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _after(cursor: str, types: tuple[type, ...]) -> list[Any]:
    """The values in a cursor of ours; `invalid` on `after` for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, UnicodeError, binascii.Error, RecursionError):
        values = None
    well_formed = isinstance(values, list) and len(values) == len(types)
    if not well_formed or not all(type(value) is kind for value, kind in zip(values, types, strict=True)):
        raise DomainError(Code.INVALID, field="after")
    if any(isinstance(value, str) and REFUSED.search(value) for value in values):
        raise DomainError(Code.INVALID, field="after")
    return list(values)


def page_size(first: int | None) -> int:
    """What a connection gives; `invalid` on `first` outside 1 to the limit."""
    if first is None:
        return limit("first_default")
    if not 1 <= first <= limit("first"):
        raise DomainError(Code.INVALID, field="first")
    return first


def page_connection(
    context: Context,
    *,
    under: str | None,
    type: PageType | None,
    locale: Locale | None,
    first: int | None,
    after: str | None,
) -> PageConnection:
    """Keyset pages: news by date, newest first; everything else as it stands in the tree."""
    size = page_size(first)
    language = _language(context, locale)
    top = _find(context, under or "/", language)
    if top is None:
        return PageConnection(edges=[], page_info=PageInfo(has_next_page=False, end_cursor=None))
    by_date = type is PageType.NEWS
    model = MODELS[type] if type else WagtailPage
    rows: Any = model._default_manager.descendant_of(top, inclusive=not under).live().public()
    if by_date:
        rows = rows.order_by("-date", "-pk")
        if after:
            day, pk = _after(after, (str, int))
            try:
                last = date.fromisoformat(day)
            except ValueError as error:
                raise DomainError(Code.INVALID, field="after") from error
            rows = rows.filter(Q(date__lt=last) | Q(date=last, pk__lt=pk))
    else:
        rows = rows.order_by("path")
        if after:
            rows = rows.filter(path__gt=_after(after, (str,))[0])
    if type is None:
        rows = rows.type(*MODELS.values()).specific()
    found = list(rows.select_related("locale")[: size + 1]) if type else list(rows[: size + 1])
    shown = found[:size]
    together = Together(context, shown)
    edges = [
        PageEdge(
            cursor=_cursor([row.date.isoformat(), row.pk] if by_date else [row.path]),
            node=Page(row=row, together=together),
        )
        for row in shown
    ]
    end = edges[-1].cursor if edges else None
    return PageConnection(edges=edges, page_info=PageInfo(has_next_page=len(found) > size, end_cursor=end))
