"""What the bodies of several pages point at (pictures, pages, documents), read at once for all of them.

Wagtail reads the choosers of one body at a time, and the links of one text at a time: a list of pages with
their bodies would cost statements by the number of its blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape
from typing import Any

from django.utils import translation
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

IMAGE_SPECIFICATION = "width-1280|format-webp"
# As Wagtail stores the links of a rich text; its own rewriter finds them by a pattern too.
LINK = re.compile(r"<a\b([^>]*\blinktype=\"(page|document)\"[^>]*)>")
ID = re.compile(r"\bid=\"(\d+)\"")


def stream_of(page: Any) -> Any:
    """The stream that a page has, if it has one."""
    return getattr(page, "body", None) or getattr(page, "groups", None) or ()


def _raw(page: Any) -> list[Any]:
    return list(getattr(stream_of(page), "raw_data", ()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def items_of(raw_list: Any) -> list[Any]:
    """The values in the raw data of a list block, which may be bare or wrapped with an id."""
    wrapped = [item if isinstance(item, dict) else {} for item in raw_list]
    return [
        item["value"] if item.get("type") == "item" and "value" in item else bare
        for item, bare in zip(wrapped, raw_list, strict=True)
    ]


def image_id(raw_picture: Any) -> int | None:
    chosen = raw_picture.get("image")
    found = chosen.get("image") if isinstance(chosen, dict) else chosen
    return int(found) if found else None


class Bodies:
    """The bodies of pages that are answered together."""

    def __init__(self, pages: Sequence[Any]) -> None:
        self.raws = [raw for page in pages for raw in _raw(page)]

    @cached_property
    def _linked(self) -> dict[str, set[int]]:
        """Ids of the pages and documents that rich texts link to."""
        linked: dict[str, set[int]] = {"page": set(), "document": set()}
        for text in _strings(self.raws):
            for attributes, kind in LINK.findall(text):
                if found := ID.search(attributes):
                    linked[kind].add(int(found.group(1)))
        return linked

    @cached_property
    def images(self) -> dict[int, Any]:
        """With the rendition that is asked for, where it was made before."""
        chosen = {image_id(raw["value"]) for raw in self.raws if raw["type"] == "picture"} - {None}
        if not chosen:
            return {}
        rows = get_image_model().objects.filter(pk__in=chosen).prefetch_renditions(IMAGE_SPECIFICATION)
        return {row.pk: row for row in rows}

    @cached_property
    def urls(self) -> dict[int, str | None]:
        """Page → the address of its live translation in the active language, else its own."""
        cards = [card for raw in self.raws if raw["type"] == "cards" for card in items_of(raw["value"])]
        wanted = {int(card["page"]) for card in cards if card.get("page")} | self._linked["page"]
        if not wanted:
            return {}
        pages = list(Page.objects.filter(pk__in=wanted).select_related("locale"))
        active = translation.get_language() or ""
        versions = (
            Page.objects.live()
            .filter(translation_key__in={page.translation_key for page in pages})
            .filter(locale__language_code=active)
            .select_related("locale")
        )
        localized = {version.translation_key: version for version in versions}
        return {page.pk: localized.get(page.translation_key, page).url for page in pages}

    @cached_property
    def _documents(self) -> dict[int, str]:
        wanted = self._linked["document"]
        return (
            {row.pk: row.url for row in get_document_model().objects.filter(pk__in=wanted)} if wanted else {}
        )

    def resolved(self, text: str) -> str:
        """A rich text with the addresses of its links, as it is stored otherwise."""

        def link(found: re.Match[str]) -> str:
            named = ID.search(found.group(1))
            pk = int(named.group(1)) if named else 0
            url = self.urls.get(pk) if found.group(2) == "page" else self._documents.get(pk)
            return f'<a href="{escape(url)}">' if url else "<a>"

        return LINK.sub(link, text)
