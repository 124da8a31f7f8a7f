"""The icons that an editor chooses from, by what they show; the names are those of icons.svg."""

from typing import Any

from django import forms
from django.utils.translation import pgettext, pgettext_lazy
from wagtail import blocks

ICONS = [
    ("alert", pgettext_lazy("icon", "alert")),
    ("bell", pgettext_lazy("icon", "bell")),
    ("book", pgettext_lazy("icon", "book")),
    ("building", pgettext_lazy("icon", "building")),
    ("bulb", pgettext_lazy("icon", "bulb")),
    ("calendar", pgettext_lazy("icon", "calendar")),
    ("camera", pgettext_lazy("icon", "camera")),
    ("chat", pgettext_lazy("icon", "chat")),
    ("check", pgettext_lazy("icon", "check")),
    ("clock", pgettext_lazy("icon", "clock")),
    ("drop", pgettext_lazy("icon", "drop")),
    ("eye", pgettext_lazy("icon", "eye")),
    ("file", pgettext_lazy("icon", "file")),
    ("flag", pgettext_lazy("icon", "flag")),
    ("health", pgettext_lazy("icon", "health")),
    ("heart", pgettext_lazy("icon", "heart")),
    ("help", pgettext_lazy("icon", "help")),
    ("inbox", pgettext_lazy("icon", "inbox")),
    ("info", pgettext_lazy("icon", "info")),
    ("lock", pgettext_lazy("icon", "lock")),
    ("palm", pgettext_lazy("icon", "palm")),
    ("phone", pgettext_lazy("icon", "phone")),
    ("pin", pgettext_lazy("icon", "pin")),
    ("road", pgettext_lazy("icon", "road")),
    ("search", pgettext_lazy("icon", "search")),
    ("send", pgettext_lazy("icon", "send")),
    ("shield", pgettext_lazy("icon", "shield")),
    ("star", pgettext_lazy("icon", "star")),
    ("tools", pgettext_lazy("icon", "tools")),
    ("user", pgettext_lazy("icon", "user")),
]


class IconSelect(forms.RadioSelect):
    """Each choice with its picture: a name alone does not say how an icon looks."""

    template_name = "content/widgets/icons.html"
    option_template_name = "django/forms/widgets/input.html"

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown = label if value else pgettext("icon", "none")
        option: dict[str, Any] = super().create_option(name, value, shown, *args, **kwargs)
        return option


class IconBlock(blocks.ChoiceBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": ICONS, "widget": IconSelect, **kwargs})
