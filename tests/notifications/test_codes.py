"""One-time codes and the slowing of guesses, to the limits of the domain."""

from datetime import timedelta

import pytest

from cms.notifications import codes, throttles
from cms.notifications.models import OneTimeCode, SentMessage, Throttle
from cms.outbox.models import Effect
from cms.reports.errors import Code, DomainError
from permissions.clients import client_key

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts")

NOW = riyadh("22:30")
PHONE = "+966500000123"


def ask(phone=PHONE, client="1.2.3.4", at=NOW, language="ar"):
    return codes.request_code(phone, client=client, language=language, at=at)


def verify(code, phone=PHONE, client="1.2.3.4", at=NOW):
    return codes.verify_code(phone, code, client=client, at=at)


def error_of(call, *args, **kwargs):
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    return caught.value


def code_on_phone():
    text = SentMessage.objects.filter(event="one_time_code").latest("id").screen_text
    return "".join(sign for sign in text.split("صالح")[0] if sign.isdigit())


def wrong_code(right):
    return f"{(int(right) + 1) % 10**6:06d}"


# --- asking -----------------------------------------------------------------------------------


def test_a_code_comes_by_sms_at_once_also_at_night(relayed):
    assert ask("0500000123") == NOW + timedelta(minutes=5)
    relayed(NOW)
    message = SentMessage.objects.get()
    assert (message.to, message.state, message.segments) == (PHONE, "sent", 1)
    assert len(code_on_phone()) == 6


def test_the_code_is_kept_nowhere_in_the_clear(relayed):
    ask()
    payload = str(Effect.objects.get().payload)
    relayed(NOW)
    code = code_on_phone()
    assert code not in payload
    assert Effect.objects.get().payload == {}
    assert code not in SentMessage.objects.get().text
    assert code not in OneTimeCode.objects.get().code_hash


def test_a_code_that_expired_in_the_outbox_is_not_sent(relayed):
    ask()
    relayed(NOW + timedelta(minutes=6))
    assert not SentMessage.objects.exists()
    assert (Effect.objects.get().state, Effect.objects.get().payload) == ("cancelled", {})


def test_five_codes_for_a_number_in_any_hour():
    for minute in (0, 10, 20, 30, 59):
        ask(client=f"client {minute}", at=NOW + timedelta(minutes=minute))
    error = error_of(ask, client="another", at=NOW + timedelta(minutes=59))
    assert (error.code, error.retry_after) == (Code.TOO_MANY_ATTEMPTS, 61)
    # the window slides: one more after an hour, and not five
    ask(client="another", at=NOW + timedelta(minutes=61))
    assert error_of(ask, client="another", at=NOW + timedelta(minutes=61)).retry_after == 9 * 60 + 1


def test_ten_codes_for_a_client_in_any_hour():
    for number in range(10):
        ask(f"+96650000{number:04d}")
    assert error_of(ask, "+966500009999").code == Code.TOO_MANY_ATTEMPTS
    ask("+966500009999", client="another")
    assert OneTimeCode.objects.count() == 11


def test_a_refused_request_counts_for_nothing_and_sends_nothing():
    for _ in range(5):
        ask()
    before = Effect.objects.count()
    error_of(ask, client="another")
    assert Effect.objects.count() == before
    for number in range(10):
        ask(f"+96650000{number:04d}", client="another")


@pytest.mark.parametrize(
    ("phone", "code"), [("abc", Code.PHONE_INVALID), ("+447400123456", Code.PHONE_COUNTRY)]
)
def test_a_number_that_is_not_served_is_refused(phone, code):
    error = error_of(ask, phone)
    assert (error.code, error.field) == (code, ("phone",))


def test_the_daily_ceiling_raises_an_alarm(settings, caplog):
    settings.SAWT_CODES_PER_DAY = 2
    ask("+966500000001")
    ask("+966500000002")
    error = error_of(ask, "+966500000003")
    assert error.code == Code.TOO_MANY_ATTEMPTS
    assert 0 < error.retry_after <= 86_401
    assert "ALARM" in caplog.text
    ask("+966500000003", at=riyadh("08:00", day=23))


# --- proving ----------------------------------------------------------------------------------


def test_the_right_code_proves_the_number_once(relayed):
    ask()
    relayed(NOW)
    code = code_on_phone()
    assert verify(code, phone="٠٥٠٠٠٠٠١٢٣") == PHONE
    assert error_of(verify, code).code == Code.CODE_EXPIRED


def test_arabic_digits_and_spaces_are_understood(relayed):
    ask()
    relayed(NOW)
    code = code_on_phone().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert verify(f" {code[:3]} {code[3:]}\u200f") == PHONE


def test_a_code_is_of_one_number(relayed):
    ask()
    ask("+966500000999")
    relayed(NOW)
    code = code_on_phone()
    one_works = []
    for phone in (PHONE, "+966500000999"):
        try:
            verify(code, phone=phone)
            one_works.append(phone)
        except DomainError:
            pass
    assert len(one_works) == 1


def test_five_wrong_tries_end_a_code_even_for_the_right_one(relayed):
    ask()
    relayed(NOW)
    code = code_on_phone()
    seen = [error_of(verify, wrong_code(code), client=f"client {n}").code for n in range(5)]
    assert seen == [Code.CODE_WRONG] * 4 + [Code.CODE_EXPIRED]
    assert error_of(verify, code, client="client 9").code == Code.CODE_EXPIRED


def test_a_code_lives_five_minutes(relayed):
    ask()
    relayed(NOW)
    assert error_of(verify, code_on_phone(), at=NOW + timedelta(minutes=5)).code == Code.CODE_EXPIRED


def test_an_earlier_code_still_works_when_a_second_was_asked_for(relayed):
    ask()
    relayed(NOW)
    first = code_on_phone()
    ask()
    assert verify(first) == PHONE


def test_junk_is_a_wrong_code_and_no_crash(relayed):
    ask()
    for junk in ("", "abc", "\x00", "1" * 1000, "٪"):
        assert error_of(verify, junk, client=junk or "x").code in (Code.CODE_WRONG, Code.CODE_EXPIRED)


def test_the_same_answer_for_a_number_without_a_code():
    assert error_of(verify, "123456").code == Code.CODE_EXPIRED


# --- slowing ----------------------------------------------------------------------------------


def guess(times, client, phone=PHONE, at=NOW):
    for _ in range(times):
        error_of(verify, "000000", phone=phone, client=client, at=at)


def test_a_client_that_guesses_at_a_number_is_slowed_and_its_owner_is_not(relayed, caplog):
    guess(10, "stranger")
    error = error_of(verify, "000000", client="stranger")
    assert error.code == Code.TOO_MANY_ATTEMPTS
    assert 0 < error.retry_after <= 15 * 60
    [line] = [one for one in caplog.records if one.name == "cms.notifications.codes"]
    assert (line.levelname, line.kind, line.client) == ("WARNING", "code-pair", client_key("stranger")[:16])
    assert "slowed" in caplog.text
    ask()
    relayed(NOW)
    assert error_of(verify, code_on_phone(), client="stranger").code == Code.TOO_MANY_ATTEMPTS
    assert verify(code_on_phone(), client="owner") == PHONE


def test_the_last_try_of_a_code_is_logged_without_number_or_code(caplog):
    # given a code for which one client has four wrong tries
    ask()
    guess(4, "stranger")
    assert not caplog.records

    # when the fifth locks it
    assert error_of(verify, "000000", client="stranger").code == Code.CODE_EXPIRED

    # then one line says so, by a keyed hash of who it was
    [line] = caplog.records
    said = vars(line)
    assert (said["levelname"], said["kind"]) == ("WARNING", "code-tries")
    assert said["client"] == client_key("stranger")[:16]
    assert not [word for word in (PHONE, PHONE[4:], "000000", "stranger") if word in str(said)]


def test_a_client_that_guesses_at_many_numbers_is_slowed():
    for number in range(50):
        guess(1, "stranger", f"+9665000{number:05d}")
    assert error_of(verify, "000000", client="stranger").code == Code.TOO_MANY_ATTEMPTS
    later = NOW + timedelta(minutes=16)
    assert error_of(verify, "000000", client="stranger", at=later).code == Code.CODE_EXPIRED


def test_who_asks_is_not_kept_in_the_clear():
    ask()
    assert Throttle.objects.count() == 2
    assert not Throttle.objects.filter(key__contains="1.2.3").exists()


def test_old_codes_and_counts_are_purged(relayed):
    ask()
    later = NOW + timedelta(days=3)
    assert codes.purge(at=later) == 1
    assert throttles.purge(at=later, keep=timedelta(days=2)) == 2
