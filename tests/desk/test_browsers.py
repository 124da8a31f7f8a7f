"""Where one is signed in, without a User-Agent to read."""

import pytest
from django.utils import translation

from cms.desk.sign_in.browsers import in_words

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
KNOWN = [
    (WINDOWS + "Chrome/130.0 Safari/537.36", "Chrome on Windows", "كروم على ويندوز"),
    (WINDOWS + "Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows", "إيدج على ويندوز"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
        "Safari on iPhone",
        "سفاري على آيفون",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S911B) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
        "Samsung Internet on Android",
        "متصفح سامسونج على أندرويد",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
        "Firefox on Linux",
        "فايرفوكس على لينكس",
    ),
    ("curl/8.5", "An unknown browser", "متصفح غير معروف"),
    ("", "An unknown browser", "متصفح غير معروف"),
]


@pytest.mark.parametrize(("sent", "english", "arabic"), KNOWN)
def test_a_browser_is_told_in_words(sent, english, arabic):
    with translation.override("en"):
        assert in_words(sent) == english
    with translation.override("ar"):
        assert in_words(sent) == arabic


@pytest.mark.django_db
def test_the_list_of_sessions_shows_it(client_of, people):
    client = client_of(people.coordinator)
    body = client.get("/admin/sessions/", headers={"user-agent": KNOWN[0][0]}).content.decode()
    assert "كروم على ويندوز" in body
    assert "Mozilla" not in body
