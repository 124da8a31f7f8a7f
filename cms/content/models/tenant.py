"""What belongs to the tenant and not to the product: names, notices, menus. Edited under Settings."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField

from cms.entities.naming import in_language


def both(field: str) -> FieldRowPanel:
    """The Arabic and the English column side by side."""
    return FieldRowPanel([FieldPanel(f"{field}_ar"), FieldPanel(f"{field}_en")])


class SocialLinkBlock(blocks.StructBlock):
    label_ar = blocks.CharBlock(label=_("Name in Arabic"), max_length=60)
    label_en = blocks.CharBlock(label=_("Name in English"), max_length=60)
    url = blocks.URLBlock(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Account")


@register_setting(icon="site", order=100)
class TenantSettings(BaseSiteSetting):
    class Stamp(models.TextChoices):
        DEMONSTRATION = "demonstration", _("A demonstration with invented figures")
        OFFICIAL = "official", _("An official government website")

    stamp = models.CharField(
        _("stamp line"),
        max_length=13,
        choices=Stamp.choices,
        default=Stamp.DEMONSTRATION,
        help_text=_("The line at the top of every page. Choose “official” only under a gov.sa address."),
    )
    name_ar = models.CharField(_("name of the service in Arabic"), max_length=60, default="صوت المواطن")
    name_en = models.CharField(
        _("name of the service in English"), max_length=60, default="Voice of the Citizen"
    )
    owner_ar = models.CharField(_("owner in Arabic"), max_length=80, blank=True)
    owner_en = models.CharField(_("owner in English"), max_length=80, blank=True)
    about_ar = models.CharField(_("about, in Arabic"), max_length=300, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=300, blank=True)
    demonstration_notice_ar = models.CharField(
        _("demonstration notice in Arabic"), max_length=200, blank=True
    )
    demonstration_notice_en = models.CharField(
        _("demonstration notice in English"), max_length=200, blank=True
    )
    emergency_ar = models.CharField(
        _("emergency line in Arabic"),
        max_length=200,
        blank=True,
        help_text=_("Whom to call when it cannot wait. Shown on the home page and before the form."),
    )
    emergency_en = models.CharField(_("emergency line in English"), max_length=200, blank=True)
    social = StreamField(
        [("account", SocialLinkBlock())], verbose_name=_("social accounts"), blank=True, max_num=6
    )

    panels = [
        FieldPanel("stamp"),
        MultiFieldPanel([both("name"), both("owner"), both("about")], heading=_("Names")),
        MultiFieldPanel([both("demonstration_notice"), both("emergency")], heading=_("Notices")),
        FieldPanel("social"),
    ]

    class Meta:
        verbose_name = _("tenant")

    def __str__(self) -> str:
        return self.name_ar

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def emergency(self) -> str:
        return in_language(self, "emergency")

    def as_shown(self, language: str) -> dict[str, Any]:
        """Plain values in one language, fit for a cache."""
        return {
            "name": in_language(self, "name", language),
            "owner": in_language(self, "owner", language),
            "about": in_language(self, "about", language),
            "emergency": in_language(self, "emergency", language),
            "demonstration_notice": in_language(self, "demonstration_notice", language),
            "is_demonstration": self.stamp == self.Stamp.DEMONSTRATION,
            "is_official": self.stamp == self.Stamp.OFFICIAL,
            "social": [{"label": b.value[f"label_{language}"], "url": b.value["url"]} for b in self.social],
        }


class MenuLinkBlock(blocks.StructBlock):
    """One entry: a page (its translation is found by itself), a part of the service, or an address."""

    label_ar = blocks.CharBlock(label=_("Text in Arabic"), max_length=40, required=False)
    label_en = blocks.CharBlock(label=_("Text in English"), max_length=40, required=False)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    part = blocks.ChoiceBlock(
        label=_("Part of the service"),
        required=False,
        choices=[
            ("portal:submit", _("Send a report")),
            ("portal:track", _("Track a report")),
            ("content:sitemap", _("Site map")),
        ],
    )
    url = blocks.CharBlock(label=_("Address"), required=False, max_length=300)

    class Meta:
        icon = "link"
        label = _("Link")
        form_layout = ["label_ar", "label_en", "page", "part", "url"]

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if sum(bool(cleaned.get(target)) for target in ("page", "part", "url")) != 1:
            raise ValidationError(_("Choose a page, a part of the service, or an address: exactly one."))
        if not cleaned.get("page") and not (cleaned.get("label_ar") and cleaned.get("label_en")):
            raise ValidationError(_("Write the text in both languages."))
        return cleaned


class MenuColumnBlock(blocks.StructBlock):
    heading_ar = blocks.CharBlock(label=_("Heading in Arabic"), max_length=40)
    heading_en = blocks.CharBlock(label=_("Heading in English"), max_length=40)
    links = blocks.ListBlock(MenuLinkBlock(), label=_("Links"))

    class Meta:
        icon = "list-ul"
        label = _("Column")


@register_setting(icon="list-ul", order=110)
class MenuSettings(BaseSiteSetting):
    header = StreamField(
        [("link", MenuLinkBlock())],
        verbose_name=_("header"),
        blank=True,
        max_num=6,
        help_text=_("At most six."),
    )
    footer = StreamField(
        [("column", MenuColumnBlock())],
        verbose_name=_("footer"),
        blank=True,
        max_num=3,
        help_text=_("At most three columns."),
    )

    panels = [FieldPanel("header"), FieldPanel("footer")]

    class Meta:
        verbose_name = _("menus")

    def __str__(self) -> str:
        return str(_("menus"))
