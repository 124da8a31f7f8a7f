"""People who sign in, and what was done that somebody may have to answer for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of staff. Citizens are senders and have no row here.

    `is_superuser` opens Django's and Wagtail's configuration; no rule about reports asks it.
    """

    staff_code = models.CharField(_("staff code"), max_length=120, unique=True, null=True, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    phone = models.CharField(_("mobile"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    @property
    def name(self) -> str:
        own, other = (
            (self.name_en, self.name_ar) if (get_language() or "ar") == "en" else (self.name_ar, self.name_en)
        )
        return own or other or self.get_username()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


def known_as(user: User) -> str:
    """How django-allauth addresses who signed in."""
    return user.name


class AuditEvent(models.Model):
    """Append-only: reveals, confidential views, exports, sign-ins, grants, changes of configuration.

    `subject` names what it is about ('report:<id>', 'membership:<id>', …); `data` holds no citizen's text.
    """

    at = models.DateTimeField(db_index=True)
    code = models.CharField(max_length=60, db_index=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=120, blank=True, db_index=True)
    data = models.JSONField(default=dict)
    client = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-id"]
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit event is never deleted.")


class Attempts(models.Model):
    """Failed guesses under one key (a client, a reference with a client, a number) in one window of time."""

    key_hash = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    window_until = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.failures} until {self.window_until:%H:%M}"
