"""What the contact centre's screen sends, for its tests."""

from cms.outbox.models import Effect
from cms.reports.encryption import decrypt
from cms.reports.models import Report

CENTRE, DONE, ENTERED = "/admin/centre/", "/admin/centre/done/", "/admin/centre/entered/"
TEXT = "عمود الإنارة أمام المسجد مطفأ منذ أسبوع."
PHONE, E164 = "0551234567", "+966551234567"


def key_of(client):
    return client.get(CENTRE).context["typed"].key


def form(key, **fields):
    """What the screen sends for a lamp: every field that a browser would."""
    return {
        "key": key,
        "do": "submit",
        "channel": "phone",
        "service": "lamp",
        "asked_for": "lamp",
        "seen": ["since"],
        "answers-since": "week",
        "place": "town.safra",
        "text": TEXT,
        "phone": PHONE,
        "language": "ar",
        **fields,
    }


def enter(client, **fields):
    """The report that this agent has just entered."""
    response = client.post(CENTRE, form(key_of(client), **fields))
    assert (response.status_code, response.headers["Location"]) == (302, DONE)
    return Report.objects.order_by("-pk")[0]


def code_sent_to(number):
    """The last code on its way to this number."""
    row = Effect.objects.filter(kind="one_time_code", payload__phone=number).order_by("-pk")[0]
    return decrypt(row.payload["code"])


def confirm(client, key, phone=PHONE, **fields):
    """Have a code sent and read it out; the last response."""
    client.post(CENTRE, form(key, do="send_code", phone=phone, **fields))
    return client.post(CENTRE, form(key, do="check_code", phone=phone, code=code_sent_to(E164), **fields))
