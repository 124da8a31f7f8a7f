"""manage.py search_rebuild: a new index of all reports, put in the place of the one that lives."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.backends import Unavailable
from search.rebuilding import NotTheSame, UnderWay, rebuild

# More of them only wait for Elasticsearch.
MOST = 16


class Command(BaseCommand):
    help = (
        "Builds a new index of all reports while writes go on, compares it with the database and puts it in "
        "the place of the one that lives; keeps one old one. Killed, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--processes",
            type=int,
            choices=range(1, MOST + 1),
            default=min(len(os.sched_getaffinity(0)), MOST),
            metavar="N",
            help="how many make documents at a time (default: one for each core)",
        )
        parser.add_argument("--afresh", action="store_true", help="do not go on with one that was begun")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ELASTICSEARCH_URL:
            raise CommandError("ELASTICSEARCH_URL is not set: the database is searched, and needs no index.")
        try:
            rebuilt = rebuild(say=self.stdout.write, afresh=options["afresh"], processes=options["processes"])
        except (UnderWay, NotTheSame) as error:
            raise CommandError(str(error)) from error
        except BrokenExecutor as error:
            raise CommandError("A process that wrote was killed; the next run goes on.") from error
        except Unavailable as error:
            raise CommandError(f"Elasticsearch does not take it ({error}); the next run goes on.") from error
        self.stdout.write(
            f"{rebuilt.name} is asked from now on: {rebuilt.written} written, {rebuilt.mended} mended, "
            f"{len(rebuilt.refused)} refused; deleted: {', '.join(rebuilt.deleted) or 'none'}"
        )
