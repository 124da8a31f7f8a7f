"""Who follows somebody else's report: 'me too', with a verified number, instead of a report of their own."""

from __future__ import annotations

from django.db import models

from .report import Report
from .sender import Sender


class Follower(models.Model):
    """Told of the public steps alone, and shown to nobody but as a number."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="followers")
    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="followings")
    # What they are told is in the language in which they chose to follow.
    language = models.CharField(max_length=2)
    followed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "sender"], name="follower_once")]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"follower {self.pk}"
