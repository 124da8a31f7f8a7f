"""manage.py search_check: what the stores hold against what the database says, by id, version and access."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.reports.models import Report
from search.backends import Store, Unavailable
from search.checking import check
from search.stores import stores

NAMED = 20


class Command(BaseCommand):
    help = "Compares every document with its report by id, version and access; names what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend", action="store_true", help="bring the documents to what the database says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for store in stores():
            try:
                wrong += self._one(store, mending=options["mend"])
            except Unavailable as error:
                raise CommandError(f"{store.name} does not answer: {error}") from error
        if wrong:
            raise CommandError(f"{wrong} documents differ.")

    def _one(self, store: Store, *, mending: bool) -> int:
        checked = check(store, mending=mending)
        drift = checked.drift
        for name, ids in vars(drift).items():
            if ids:
                self.stdout.write(
                    f"{store.name}: {len(ids)} {name.replace('_', ' ')}: {', '.join(_named(ids))}"
                )
        for pk, reason in sorted(checked.refused.items())[:NAMED]:
            self.stdout.write(f"{store.name}: refused: report {pk}: {reason}")
        if not drift.ids:
            self.stdout.write(f"{store.name}: no drift")
        elif mending:
            self.stdout.write(f"{store.name}: {len(drift.ids) - len(checked.refused)} mended")
        return len(checked.refused) if mending else len(drift.ids)


def _named(ids: list[int]) -> list[str]:
    """By their numbers, as people know them; of what is no report any more the id."""
    known = dict(Report.objects.filter(pk__in=ids[:NAMED]).values_list("pk", "reference"))
    names = [known.get(pk, f"id {pk}") for pk in ids[:NAMED]]
    return names + (["…"] if len(ids) > NAMED else [])
