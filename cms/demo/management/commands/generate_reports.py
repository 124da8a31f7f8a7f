"""Many reports with whole histories, for measurements; into the demonstration and nowhere else."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cms.demo.generate import NotADemonstration, generate, refuse_elsewhere
from cms.demo.load import load
from cms.demo.models import LoadedReport


class Command(BaseCommand):
    help = (
        "Generate reports that live the lives of the demonstration's (events, hash chains, promises, "
        "assignments). An empty database gets the demonstration first; one without it is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, required=True, help="how many reports")

    def handle(self, *args: Any, **options: Any) -> None:
        count: int = options["count"]
        if count < 1:
            raise CommandError("--count is 1 or more.")
        try:
            refuse_elsewhere()
            if not LoadedReport.objects.exists():
                load(timezone.now(), self.stdout.write)
            began = last = time.monotonic()

            def wrote(total: int) -> None:
                nonlocal last
                if time.monotonic() - last > 10:
                    last = time.monotonic()
                    self.stdout.write(f"{total} of {count}")

            generate(count, wrote=wrote)
        except NotADemonstration as refused:
            raise CommandError(str(refused)) from refused
        took = time.monotonic() - began
        self.stdout.write(f"{count} reports in {took:.1f} s: {count / took:.0f} a second")
