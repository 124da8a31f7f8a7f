"""`script/backup`: the database, the files and, on a laptop, the keys, in one archive."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cms.keeping.archive import Unusable
from cms.keeping.backup import back_up


class Command(BaseCommand):
    help = "Back the database, the files and the keys that are kept as files up, while the product runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.VAR / "backups", help="the folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(str(back_up(options["to"], timezone.now())))
        except Unusable as refused:
            raise CommandError(str(refused)) from refused
