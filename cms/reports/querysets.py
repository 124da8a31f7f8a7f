"""What one asks of reports."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from . import policies
from .actors import Actor
from .workflow import OPEN

if TYPE_CHECKING:
    from permissions.policy import Scope

    from .models import Report  # noqa: F401


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, actor: Actor, scope: Scope | None = None, *, few: bool = False) -> ReportQuerySet:
        """`few`: a handful that is named by its ids already."""
        filtered: Any = policies.visible_to(self, actor, scope, few=few)
        return filtered

    def with_rated(self) -> ReportQuerySet:
        """Each with `rated_this_round`, which `available_actions` otherwise asks for by itself."""
        from .models import Rating

        rated = Rating.objects.filter(report=models.OuterRef("pk"), round=models.OuterRef("round"))
        return self.annotate(rated_this_round=models.Exists(rated))

    def with_open_directive(self) -> ReportQuerySet:
        """Each with `open_directive`, which `available_actions` otherwise asks for by itself."""
        from .models import Directive

        running = Directive.objects.filter(report=models.OuterRef("pk"), outcome=Directive.Outcome.OPEN)
        return self.annotate(open_directive=models.Exists(running))

    def with_parts(self) -> ReportQuerySet:
        """Each with `has_parts`, and `open_part`, which `available_actions` otherwise asks for by itself."""
        parts = self.model._default_manager.filter(parent=models.OuterRef("pk"))
        return self.annotate(
            has_parts=models.Exists(parts), open_part=models.Exists(parts.filter(state__in=OPEN))
        )

    def with_members(self) -> ReportQuerySet:
        """Each with `has_members`: whether other reports are merged with it."""
        followers = self.model._default_manager.filter(merged_into=models.OuterRef("pk"))
        return self.annotate(has_members=models.Exists(followers))

    def open(self) -> ReportQuerySet:
        return self.filter(state__in=OPEN)

    def ended(self) -> ReportQuerySet:
        return self.exclude(state__in=[*OPEN, "answered"])

    def overdue(self, at: datetime) -> ReportQuerySet:
        """Open, with a running resolution promise that has passed."""
        return self.open().filter(next_due_at__lt=at)
