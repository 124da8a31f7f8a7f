"""Which browser and which system a session is of, in words: the product tokens of its User-Agent.

Each claims to be those before it, so the first that fits wins: Edge says Chrome, Chrome says Safari.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

BROWSERS = (
    (r"Edg(e|A|iOS)?/", _("Edge")),
    (r"OPR/|Opera|OPT/", _("Opera")),
    (r"SamsungBrowser/", _("Samsung Internet")),
    (r"Firefox/|FxiOS/", _("Firefox")),
    (r"Chrome/|CriOS/|Chromium/|HeadlessChrome/", _("Chrome")),
    (r"Version/.*Safari/", _("Safari")),
)
SYSTEMS = (
    (r"iPhone|iPod", _("iPhone")),
    (r"iPad", _("iPad")),
    (r"Android", _("Android")),
    (r"Windows", _("Windows")),
    (r"CrOS", _("ChromeOS")),
    (r"Macintosh|Mac OS X", _("Mac")),
    (r"Linux|X11", _("Linux")),
)


def in_words(user_agent: str) -> str:
    """`Chrome on Windows`; what is known of it, or that nothing is."""
    browser, system = (
        next((str(words) for pattern, words in known if re.search(pattern, user_agent)), "")
        for known in (BROWSERS, SYSTEMS)
    )
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("An unknown browser")
