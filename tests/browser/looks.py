"""In which looks a page is tried: two that hold every language, theme and width, or all for the proof."""

import os

from wagtail.users.models import UserProfile

from permissions.models import User

DESKTOP = {"width": 1440, "height": 900}
# Language, theme, width. Words and direction, colours, and layout fail each by itself, so two show them;
# what fails only together waits for `script/prove looks`.
LOOKS = [("ar", "light", 390), ("en", "dark", 1440)]
if os.environ.get("SAWT_LOOKS") == "all":
    LOOKS += [("ar", "dark", 1440), ("en", "light", 390), ("ar", "light", 1440), ("en", "dark", 390)]


def speaks(user: User, language: str) -> None:
    """The admin's language for this person from now on."""
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
