"""After a new key stands first in SAWT_FIELD_KEYS: every encrypted field is written with it."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cms.gateways.models import SmsGateway, Webhook
from cms.reports.encryption import Undecipherable, decrypt, encrypt
from cms.reports.models import Sender

BATCH = 500
# What an authenticator of each kind keeps encrypted.
SECRETS = {"totp": ("secret",), "recovery_codes": ("seed",)}


class Command(BaseCommand):
    help = (
        "Encrypt every identity number, second factor and secret of gateways and webhooks with the "
        "first key of SAWT_FIELD_KEYS. "
        "Afterwards the older keys may be taken out. Safe to repeat and to interrupt."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            senders, factors, secrets = _senders(), _factors(), _secrets()
        except Undecipherable as error:
            raise CommandError(
                "None of SAWT_FIELD_KEYS opens a field: give the key it was made with too."
            ) from (error)
        self.stdout.write(
            f"{senders} identity numbers, {factors} second factors and {secrets} secrets of gateways "
            "and webhooks have the first key now."
        )


def _senders() -> int:
    """In batches, each locked and committed by itself: the site goes on."""
    last, done = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                Sender.objects.select_for_update()
                .filter(pk__gt=last)
                .exclude(national_id_encrypted="")
                .order_by("pk")[:BATCH]
            )
            for row in rows:
                row.national_id_encrypted = encrypt(decrypt(row.national_id_encrypted))
            Sender.objects.bulk_update(rows, ["national_id_encrypted"])
        if not rows:
            return done
        last, done = rows[-1].pk, done + len(rows)


def _factors() -> int:
    done = 0
    with transaction.atomic():
        for row in Authenticator.objects.select_for_update().filter(type__in=SECRETS).order_by("pk"):
            for name in SECRETS[row.type]:
                if name in row.data:
                    row.data[name] = encrypt(decrypt(row.data[name]))
            row.save(update_fields=["data"])
            done += 1
    return done


def _secrets() -> int:
    with transaction.atomic():
        rows = list(SmsGateway.objects.select_for_update().exclude(secret_encrypted="").order_by("pk"))
        for row in rows:
            row.secret_encrypted = encrypt(decrypt(row.secret_encrypted))
        SmsGateway.objects.bulk_update(rows, ["secret_encrypted"])
        hooks = list(Webhook.objects.select_for_update().order_by("pk"))
        for hook in hooks:
            hook.secret_encrypted = encrypt(hook.secret)
            hook.old_secret_encrypted = encrypt(hook.old_secret)
        Webhook.objects.bulk_update(hooks, ["secret_encrypted", "old_secret_encrypted"])
    return len(rows) + len(hooks)
