"""Names the first broken row of each report's history, and signatures that do not hold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.reports import history
from cms.reports.models import HeadSignature, Report


class Command(BaseCommand):
    help = "Verify the hash chain of every report (or of the given references) and the daily signatures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("references", nargs="*", help="only these reports")

    def handle(self, *args: Any, **options: Any) -> None:
        references: list[str] = options["references"]
        reports = Report.objects.filter(reference__in=references) if references else Report.objects.all()
        broken = 0
        for found in history.verify(reports):
            broken += 1
            self.stdout.write(f"{found.reference} row {found.sequence}: {found.what}")
        for signed in HeadSignature.objects.order_by("day"):
            if not history.signature_holds(signed):
                broken += 1
                self.stdout.write(f"signature of {signed.day} does not hold")
        if broken:
            raise CommandError(f"{broken} broken")
        self.stdout.write(f"{reports.count()} histories verified")
