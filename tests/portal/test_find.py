"""Finding a report by its number and code: typed by a thumb, mistyped, wrong, and guessed at."""

import re

import pytest
from django.test import Client

from cms.reports.models import Report

from .conftest import page, refused, secret_of

pytestmark = pytest.mark.django_db


def url(report: Report) -> str:
    return f"/track/{report.reference}/"


def test_number_and_code_open_the_report(client: Client, report: Report) -> None:
    response = client.post("/track/", {"reference": report.reference, "secret": secret_of(report)})
    assert response.url == url(report)
    html = page(client.get(response.url))
    assert report.text in html
    assert "البلدية الشمالية" in html
    assert "هـ" in html


def test_a_number_typed_by_a_thumb_is_understood(client: Client, report: Report) -> None:
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    typed = f" {report.reference.lower().replace('-', '  ').translate(arabic)} "
    secret = secret_of(report).lower().replace("-", " ").translate(arabic)
    assert client.post("/track/", {"reference": typed, "secret": secret}).url == url(report)


def test_a_typing_mistake_is_told_from_an_unknown_number(client: Client, report: Report) -> None:
    reference = report.reference
    swapped = reference[:6] + ("A" if reference[6] != "A" else "B") + reference[7:]
    typo = refused(client, client.post("/track/", {"reference": swapped, "secret": "HQ4S-B6KK-PE43"}))
    assert 'id="reference-e"' in typo
    assert f'value="{swapped}"' in typo
    malformed = refused(client, client.post("/track/", {"reference": "hello", "secret": "x"}))
    assert 'id="reference-e"' in malformed
    assert swapped not in malformed


def test_a_secret_is_never_kept_nor_put_in_an_address(client: Client, report: Report) -> None:
    secret = "HQ4S-B6KK-PE43"
    response = client.post("/track/", {"reference": report.reference, "secret": secret})
    assert response.url == "/track/"
    assert secret not in refused(client, response)
    assert secret not in str(dict(client.session))
    assert secret not in page(client.get("/en/track/"))


def test_an_empty_form_says_what_is_needed_and_a_fresh_one_does_not(client: Client, report: Report) -> None:
    assert "data-errors" not in page(client.get("/track/"))
    html = refused(client, client.post("/track/", {"reference": "", "secret": ""}))
    assert 'aria-describedby="reference-h reference-e" aria-invalid="true"' in html
    assert 'aria-describedby="secret-h secret-e" aria-invalid="true"' in html
    english = page(client.get("/en/track/"))
    assert "Write the report&#x27;s number." in english
    client.post("/track/", {"reference": report.reference, "secret": secret_of(report)})
    assert "data-errors" not in page(client.get("/track/"))


def test_a_wrong_code_and_an_unknown_number_are_answered_alike(client: Client, report: Report) -> None:
    from django.conf import settings

    from cms.reports.reference import draw

    unknown = draw(settings.SAWT_REFERENCE_PREFIX, 2026)
    answers = []
    for reference in (report.reference, unknown):
        response = client.post("/track/", {"reference": reference, "secret": "AAAA-AAAA-AAAA"})
        html = refused(client, response).replace(reference, "")
        html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
        answers.append((response.status_code, response.url, html))
    assert answers[0] == answers[1]


def test_guessing_is_slowed_and_does_not_block_the_right_code(client: Client, report: Report) -> None:
    for _ in range(5):
        client.post("/track/", {"reference": report.reference, "secret": "AAAA-AAAA-AAAA"})
    slowed = client.post("/track/", {"reference": report.reference, "secret": "AAAA-AAAA-AAAB"})
    assert slowed.url == "/track/"
    assert "يمكنك المحاولة مرة أخرى بعد" in refused(client, slowed)
    right = client.post("/track/", {"reference": report.reference, "secret": secret_of(report)})
    assert right.status_code == 302
