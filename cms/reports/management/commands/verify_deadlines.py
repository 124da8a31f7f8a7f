"""Counts every promise again and names the first that differs of each report."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext, ngettext, override

from cms.reports.models import Report
from cms.reports.recounting import recount


class Command(BaseCommand):
    help = "Count every promise again from its calendar's version and its report's events, and compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("references", nargs="*", help="only these reports")
        parser.add_argument("--language", choices=("en", "ar"), default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        references: list[str] = options["references"]
        reports = Report.objects.filter(reference__in=references) if references else Report.objects.all()
        counted = differ = 0
        with override(options["language"]):
            for promises, found in recount(reports):
                counted += promises
                differ += len(found)
                for one in found:
                    line = gettext("%(reference)s, %(promise)s, round %(round)s: %(what)s")
                    self.stdout.write(line % vars(one))
            if differ:
                raise CommandError(
                    ngettext("%(n)s promise differs", "%(n)s promises differ", differ) % {"n": differ}
                )
            said = ngettext("%(n)s promise counted again", "%(n)s promises counted again", counted)
            self.stdout.write(said % {"n": counted})
