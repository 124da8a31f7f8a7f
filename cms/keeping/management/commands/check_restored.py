"""The second half of `script/restore`: whether what lies there now is what was backed up."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cms.keeping.backup import COUNTS, keys_in_use
from cms.reports import history, triggers
from cms.reports.models import HeadSignature, Report


class Command(BaseCommand):
    help = "Migrate, then compare with a backup's manifest: keys, counts, triggers, every hash chain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("manifest", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = json.loads(options["manifest"].read_text())
        # An older backup gets today's schema, and the triggers that come after every migration.
        call_command("migrate", interactive=False, verbosity=0)
        faults = [
            *_keys(manifest["keys"]),
            *_counts(manifest["counts"]),
            *(f"the trigger {name} is missing" for name in triggers.missing()),
            *(f"{found.reference} row {found.sequence}: {found.what}" for found in history.verify()),
            *(
                f"the signature of {signed.day} does not hold"
                for signed in HeadSignature.objects.order_by("day")
                if not history.signature_holds(signed)
            ),
        ]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(
            f"Restored the backup of {manifest['made_at']}: {Report.objects.count()} reports, "
            "every history verified, every trigger in its place."
        )
        if manifest["media"] == "elsewhere":
            self.stdout.write("The files are kept outside (S3): restore them there, as of the same moment.")


def _keys(wanted: dict[str, Any]) -> list[str]:
    """A key that is not there is named by its version: without it secrets, signatures or fields stay shut."""
    here = keys_in_use()
    faults = [
        f"SAWT_SECRET_KEYS lacks the key of version {version} that this backup was made with"
        for version, print_ in wanted["report secrets"].items()
        if here["report secrets"].get(version) != print_
    ]
    if not set(wanted["fields"]) <= set(here["fields"]):
        faults.append("SAWT_FIELD_KEYS lacks a key that this backup was made with")
    return faults


def _counts(wanted: dict[str, int]) -> list[str]:
    faults = []
    with connection.cursor() as cursor:
        for table, count in wanted.items():
            cursor.execute(COUNTS[table])
            found = cursor.fetchone()[0]
            if found != count:
                faults.append(f"{table} has {found} rows, and {count} were backed up")
    return faults
