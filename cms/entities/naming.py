"""Names in both languages: two columns, one property that follows the active language."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(obj: Any, field: str, language: str | None = None) -> str:
    """`field` of `obj` in the language (the active one by default); the other language where it is empty."""
    first, second = ("en", "ar") if (language or get_language() or "ar")[:2] == "en" else ("ar", "en")
    return getattr(obj, f"{field}_{first}") or getattr(obj, f"{field}_{second}")


class Named(models.Model):
    """`name_ar` and `name_en`, read as `name`."""

    name_ar = models.CharField(_("name in Arabic"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return in_language(self, "name")

    def __str__(self) -> str:
        return self.name
