"""The audiences that messages are for. Pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    SENDER = "sender", _("Sender")
    SPECIALIST = "specialist", _("Specialist")
    RESPONSIBLE = "responsible", _("Responsible person")
    COORDINATOR = "coordinator", _("Coordinator")
    ENTITY_LEADER = "entity_leader", _("Entity leader")
    SUPERVISOR = "supervisor", _("Supervisor")
    EMIRATE_LEADER = "emirate_leader", _("Emirate leader")
    FOLLOWER = "follower", _("Follower")
    STAFF = "staff", _("Staff")
    MENTIONED = "mentioned", _("Colleague who was called")
    WATCHER = "watcher", _("Whoever watches a search")
    KEEPER = "keeper", _("Administrator")
