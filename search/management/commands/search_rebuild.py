"""manage.py search_rebuild: a new index of all reports, put in the place of the one that lives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.backends import Unavailable
from search.rebuilding import NotTheSame, UnderWay, rebuild


class Command(BaseCommand):
    help = (
        "Builds a new index of all reports while writes go on, compares it with the database and puts it in "
        "the place of the one that lives; keeps one old one. Killed, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--afresh", action="store_true", help="do not go on with one that was begun")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ELASTICSEARCH_URL:
            raise CommandError("ELASTICSEARCH_URL is not set: the database is searched, and needs no index.")
        try:
            rebuilt = rebuild(say=self.stdout.write, afresh=options["afresh"])
        except (UnderWay, NotTheSame) as error:
            raise CommandError(str(error)) from error
        except Unavailable as error:
            raise CommandError(f"Elasticsearch does not take it ({error}); the next run goes on.") from error
        self.stdout.write(
            f"{rebuilt.name} is asked from now on: {rebuilt.written} written, {rebuilt.mended} mended, "
            f"{len(rebuilt.refused)} refused; deleted: {', '.join(rebuilt.deleted) or 'none'}"
        )
