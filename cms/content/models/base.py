"""What every public page has: an introduction, its other languages, its way from home, its search text."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import Page

from search.analysis import stems


def _spaced(text: str) -> str:
    return "".join(f" {stem}" for stem in dict.fromkeys(stems(text)))


def _full_url(page: Page, request: HttpRequest | None) -> str:
    """Under the name that was asked for: a site may answer under more than the one it is configured with."""
    return request.build_absolute_uri(page.get_url(request)) if request else page.full_url


class SitePage(Page):
    introduction = models.CharField(
        _("introduction"),
        max_length=300,
        blank=True,
        help_text=_(
            "One or two sentences under the title; also shown in lists, search engines and previews."
        ),
    )
    share_image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("image for sharing"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown where people share the address. 1200 × 630 is best."),
    )
    # Stems as the catalogue's search has them, so that this one forgives hamza, ة/ه and the article too.
    # Each stands after a space, so that a begun word is found and a word's middle is not. Written by save().
    title_stems = models.TextField(default="", blank=True, editable=False)
    text_stems = models.TextField(default="", blank=True, editable=False)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("share_image"),
            ],
            heading=_("For search engines and sharing"),
        ),
        FieldPanel("show_in_menus"),
    ]
    settings_panels = [PublishingPanel()]
    # Names of the stream and rich text fields that the search reads beside title and introduction.
    searched_fields: list[str] = ["body"]

    def searched_text(self) -> str:
        """Every word a visitor reads on the page."""
        parts = [self.introduction]
        for name in self.searched_fields:
            value: Any = getattr(self, name, None)
            if value is not None and hasattr(value, "stream_block"):
                parts += value.stream_block.get_searchable_content(value)
            elif value:
                parts.append(strip_tags(str(value)))
        return " ".join(str(part) for part in parts)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title_stems = _spaced(self.title)
        self.text_stems = _spaced(self.searched_text())
        if self.is_untranslated():
            # Whatever made it (a parent that was missing, a synchronised tree) meant it to be read.
            self.live = False
            if kwargs.get("update_fields"):
                kwargs["update_fields"] = {*kwargs["update_fields"], "live"}
        super().save(*args, **kwargs)

    def is_untranslated(self) -> bool:
        """A placeholder with the words of another language: readers see it once it is translated."""
        return self.alias_of_id is not None and self.alias_of.locale_id != self.locale_id

    @cached_property
    def trail(self) -> list[Page]:
        """The pages between home and this one, nearest last."""
        # Depth 1 is Wagtail's root, depth 2 the home page, which the template links by itself.
        return list(self.get_ancestors().filter(depth__gt=2).live()) if self.depth and self.depth > 3 else []

    def language_urls(self, request: HttpRequest) -> dict[str, str]:
        """Language code → address of this page there, where it is published; itself included.

        What follows the page's own address (a service in the guide) is kept.
        """
        if self._language_urls is None:
            self._language_urls = {self.locale.language_code: self.get_url(request)}
            for other in self.get_translations().live().public().select_related("locale"):
                self._language_urls[other.locale.language_code] = other.get_url(request)
        own = self._language_urls[self.locale.language_code] or ""
        rest = request.path[len(own) :] if own and request.path.startswith(own) else ""
        return {code: url + rest for code, url in self._language_urls.items() if url}

    _language_urls: dict[str, str] | None = None

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """With hreflang: a search engine shows the reader's language."""
        versions: Iterable[Page] = [self, *self.get_translations().live().public().select_related("locale")]
        alternates = [
            {"location": _full_url(page, request), "lang_code": page.locale.language_code}
            for page in versions
        ]
        return [
            entry | {"location": _full_url(self, request), "alternates": alternates}
            for entry in super().get_sitemap_urls(request)
        ]

    class Meta:
        abstract = True
