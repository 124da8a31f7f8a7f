"""sitemap.xml: the pages of every language, each with its hreflang alternates."""

from typing import Any

from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page


class SiteSitemap(Sitemap):
    """Wagtail's lists one language's tree, the site root's; ours lists the translated trees beside it."""

    def items(self) -> Any:
        root = self.get_wagtail_site().root_page
        homes = Page.objects.filter(translation_key=root.translation_key)
        found = Page.objects.none()
        for home in homes:
            found = found | Page.objects.descendant_of(home, inclusive=True)
        return found.live().public().order_by("path").defer_streamfields().specific()
