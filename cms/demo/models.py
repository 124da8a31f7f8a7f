"""Which report of the demonstration's data became which report."""

from __future__ import annotations

from django.db import models

from cms.reports.models import Report


class LoadedReport(models.Model):
    """Written in the transaction of the report's whole life, so that a load that was cut off goes on."""

    code = models.CharField(max_length=20, unique=True)
    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code
