"""The geography, a tree: region → governorate → centre, city, district."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from ..naming import Named


class Place(MP_Node, Named):
    class Kind(models.TextChoices):
        REGION = "region", _("Region")
        SEAT = "seat", _("Seat of the region")
        GOVERNORATE = "governorate", _("Governorate")
        CENTRE = "centre", _("Centre")
        CITY = "city", _("City")
        DISTRICT = "district", _("District")

    code = models.CharField(_("code"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    precision = models.CharField(
        _("precision"),
        max_length=12,
        choices=[("exact", _("Exact")), ("approximate", _("Approximate"))],
        default="approximate",
    )

    node_order_by: list[str] = []
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")

    def __str__(self) -> str:
        return self.name
