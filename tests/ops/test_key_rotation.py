"""A new key for encrypted fields: afterwards the old one is not needed any more."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from cms.gateways.models import SmsGateway
from cms.reports.encryption import decrypt, encrypt
from tests import factories

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def encrypted(settings, people):
    settings.SAWT_FIELD_KEYS = [OLD]
    sender = factories.SenderFactory(national_id_encrypted=encrypt("1012345672"))
    factor = Authenticator.objects.create(
        user=people.coordinator, type="totp", data={"secret": encrypt("JBSWY3DPEHPK3PXP")}
    )
    gateway = SmsGateway(code="one", name="One", url="https://sms.example/", body="{}")
    gateway.secret = "hidden-0123456789"
    gateway.save()
    return sender, factor


def test_after_the_rotation_the_new_key_alone_opens_everything(encrypted, settings):
    sender, factor = encrypted
    settings.SAWT_FIELD_KEYS = [NEW, OLD]
    call_command("rotate_field_keys")
    settings.SAWT_FIELD_KEYS = [NEW]
    sender.refresh_from_db()
    factor.refresh_from_db()
    assert decrypt(sender.national_id_encrypted) == "1012345672"
    assert decrypt(factor.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert SmsGateway.objects.get().secret == "hidden-0123456789"


def test_without_the_old_key_nothing_is_changed(encrypted, settings):
    sender, _factor = encrypted
    before = sender.national_id_encrypted
    settings.SAWT_FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="SAWT_FIELD_KEYS"):
        call_command("rotate_field_keys")
    sender.refresh_from_db()
    assert sender.national_id_encrypted == before
