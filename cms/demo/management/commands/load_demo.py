"""Fill an empty installation with the demonstration; safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.demo.load import load
from cms.demo.people import AccountsRefused


class Command(BaseCommand):
    help = "Load the demonstration: a tenant, its people, pages and a year of reports. Adds what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load(timezone.now(), self.stdout.write)
        except AccountsRefused as refused:
            raise CommandError(str(refused)) from refused
