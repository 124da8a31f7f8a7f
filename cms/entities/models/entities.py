"""Government entities, a tree; who serves them, from when until when; guardian's tables for them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from treebeard.mp_tree import MP_Node

from permissions.roles import (
    CODENAMES,
    ENTITY_CODENAMES,
    NEED_CONFIRMATION,
    PROPOSED_BY_NAME,
    REGION_CODENAMES,
    ROLES,
)

from ..naming import Named, in_language
from .calendars import Calendar
from .given import Given, GivenQuerySet
from .places import Place


class Entity(MP_Node, Named):
    class Kind(models.TextChoices):
        EMIRATE = "emirate", _("Emirate")
        MUNICIPALITY = "municipality", _("Municipality")
        HEALTH = "health", _("Health")
        HOSPITAL = "hospital", _("Hospital")
        EDUCATION = "education", _("Education")
        UNIVERSITY = "university", _("University")
        UTILITY = "utility", _("Utility")
        MINISTRY_BRANCH = "ministry_branch", _("Ministry branch")
        AUTHORITY = "authority", _("Authority")
        SECURITY = "security", _("Security")
        OVERSIGHT = "oversight", _("Oversight")

    code = models.CharField(_("code"), max_length=80, unique=True)
    short_name_ar = models.CharField(_("short name in Arabic"), max_length=80)
    short_name_en = models.CharField(_("short name in English"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    jurisdiction = models.ManyToManyField(
        Place, verbose_name=_("jurisdiction"), blank=True, related_name="entities"
    )
    email = models.EmailField(_("e-mail"), blank=True)
    calendar = models.ForeignKey(Calendar, verbose_name=_("working calendar"), on_delete=models.PROTECT)
    about_ar = models.TextField(_("about, in Arabic"), blank=True)
    about_en = models.TextField(_("about, in English"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Of one that was closed: whose its open work became. Its past stays its own.
    continued_by = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="continues"
    )
    specialists_see_all = models.BooleanField(
        _("specialists see all"),
        default=False,
        help_text=_("Specialists see every report of the entity, not only those assigned to them."),
    )
    specialists_reply = models.BooleanField(
        _("specialists reply"),
        default=False,
        help_text=_("Specialists send the official reply themselves."),
    )

    node_order_by: list[str] = []
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("entity")
        verbose_name_plural = _("entities")
        # Plain names: a translated one would differ from the migration's in every other language.
        permissions = [(code, code.replace("_", " ")) for code in (*ENTITY_CODENAMES, *REGION_CODENAMES)]

    @property
    def short_name(self) -> str:
        return in_language(self, "short_name")

    @property
    def about(self) -> str:
        return in_language(self, "about")

    def with_successor(self) -> list[Entity]:
        """Itself, and whose its work became where it was closed."""
        closed = not self.is_active and self.continued_by is not None
        return [self, self.continued_by] if closed else [self]  # type: ignore[list-item]

    def __str__(self) -> str:
        return self.name


class EntityGroupObjectPermission(GroupObjectPermissionBase):
    """What an (entity, role) group may do at the entity."""

    content_object = models.ForeignKey(Entity, on_delete=models.CASCADE)
    wagtail_reference_index_ignore = True


class GrantQuerySet(GivenQuerySet["EntityUserObjectPermission"]):
    by_two = models.Q(permission__codename__in=PROPOSED_BY_NAME)


class EntityUserObjectPermission(Given, UserObjectPermissionBase):
    """A personal grant at an entity: to send in its name, confidential access, breaking the glass.

    `granted_by` gives it alone, or proposes what holds nothing until `confirmed_by` confirms it.
    """

    content_object = models.ForeignKey(Entity, verbose_name=_("entity"), on_delete=models.CASCADE)
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)

    objects = UserObjectPermissionManager.from_queryset(GrantQuerySet)()  # type: ignore[misc]
    wagtail_reference_index_ignore = True

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("personal grant")
        verbose_name_plural = _("personal grants")

    def __str__(self) -> str:
        who = f"{self.user.name} ({self.user.get_username()})"
        what = CODENAMES.get(self.permission.codename, self.permission.codename)
        return f"{who} · {what} · {self.content_object.short_name}"

    @property
    def needs_confirmation(self) -> bool:
        return self.permission.codename in PROPOSED_BY_NAME


class MembershipQuerySet(GivenQuerySet["Membership"]):
    by_two = models.Q(role__in=NEED_CONFIRMATION)

    def absent(self, at: Any = None) -> MembershipQuerySet:
        """Valid ones whose person is recorded absent: others may then take over their work."""
        at = at or timezone.now()
        return (
            self.valid(at)
            .filter(absent_from__lte=at)
            .filter(models.Q(absent_until=None) | models.Q(absent_until__gt=at))
        )


class Membership(Given, models.Model):
    """Person × entity × role, from, until. The one place that says who belongs to an (entity, role) group.

    `entity` is empty for region roles. `group` holds the role's codenames; it is derived, never typed in.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    entity = models.ForeignKey(
        Entity,
        verbose_name=_("entity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField(
        _("role"), max_length=40, choices=[(role.code, role.label) for role in ROLES.values()]
    )
    group = models.ForeignKey(Group, editable=False, on_delete=models.PROTECT, related_name="memberships")
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    absent_from = models.DateTimeField(
        _("absent from"),
        null=True,
        blank=True,
        help_text=_("While a person is absent, colleagues may take over their reports."),
    )
    absent_until = models.DateTimeField(_("absent until"), null=True, blank=True)
    # Who gave it, where the role takes two people; without `confirmed_at` such a membership holds nothing.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)

    objects = MembershipQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = [models.Index(fields=["person", "valid_from", "valid_until"])]

    def __str__(self) -> str:
        where = f" · {self.entity.short_name}" if self.entity else ""
        who = f"{self.person.name} ({self.person.get_username()})"
        return f"{who} · {ROLES[self.role].label}{where}"

    @property
    def needs_confirmation(self) -> bool:
        return self.role in NEED_CONFIRMATION

    def clean(self) -> None:
        from django.core.exceptions import ValidationError

        role = ROLES.get(self.role)
        if role and role.region != (self.entity_id is None):
            raise ValidationError({"entity": _("Region roles have no entity; all others need one.")})
        if self.pk is None and self.entity is not None and not self.entity.is_active:
            raise ValidationError({"entity": _("This entity is closed.")})
        if self.valid_until and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("The end lies after the beginning.")})
        if self.absent_until and (self.absent_from is None or self.absent_until <= self.absent_from):
            raise ValidationError({"absent_until": _("An absence begins before it ends.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        from ..memberships import group_for

        self.group = group_for(self.role, self.entity)
        super().save(*args, **kwargs)
