"""Who sent a report, and how they sign in to follow it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SenderCategory(models.TextChoices):
    CITIZEN = "citizen", _("Citizen")
    RESIDENT = "resident", _("Resident")
    VISITOR = "visitor", _("Visitor")


class Sender(models.Model):
    """One person with a verified number (one row a number), or the unverified contact of one report."""

    phone = models.CharField(_("mobile"), max_length=20, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    category = models.CharField(_("category"), max_length=8, choices=SenderCategory.choices, blank=True)
    national_id_encrypted = models.TextField(blank=True, editable=False)
    language = models.CharField(max_length=2, default="ar")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=models.Q(phone_verified_at__isnull=False) & ~models.Q(phone=""),
                name="one_verified_sender_per_phone",
            )
        ]
        indexes = [models.Index(fields=["phone"])]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"sender {self.pk}"

    @property
    def is_reachable(self) -> bool:
        return bool(self.phone and self.phone_verified_at)


class SenderToken(models.Model):
    """A third-party app's token for a signed-in sender: short-lived, revocable, kept as a keyed hash."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"token {self.pk}"
