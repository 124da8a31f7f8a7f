"""No log line holds a number that could be somebody's phone or identity."""

from __future__ import annotations

import logging
import logging.config

import pytest
from django.test import Client, override_settings

from cms.settings.logs import logging_config, mask

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "number",
    ["0551234567", "+966551234567", "00966 55 123 4567", "٠٥٥١٢٣٤٥٦٧", "055-123-4567", "1012345678"],
)
def test_a_number_is_hidden_in_any_spelling(number: str) -> None:
    hidden = mask(f"sent to {number}.")

    assert number not in hidden
    assert hidden.startswith("sent to •••")


@pytest.mark.parametrize(
    "text",
    [
        "QS-26-7K4MQ2P-0",
        "2026-11-22T02:39:26.419123Z",
        "report 1234567 took 0.123456789 s",
        "127.0.0.1:63799",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ],
)
def test_what_an_operator_needs_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_a_tracking_link_is_hidden() -> None:
    assert mask("GET /t/8fJ2kQ9x?next=1") == "GET /t/•••?next=1"


@pytest.mark.parametrize("json", [True, False])
def test_message_arguments_extras_and_tracebacks_are_masked(
    json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    config = logging_config(json=json)
    config["loggers"] = {"masked-test": {"handlers": ["stderr"], "level": "INFO", "propagate": False}}
    config.pop("root")
    logging.config.dictConfig({**config, "incremental": False})
    logger = logging.getLogger("masked-test")

    logger.info("to %s", "0551234567", extra={"sender": {"phone": "+966551234567"}, "identity": 1012345678})
    try:
        raise ValueError("no gateway takes 0559876543")
    except ValueError:
        logger.exception("failed")

    written = capsys.readouterr().err
    assert "to •••67" in written
    assert "no gateway takes •••43" in written
    for number in ("0551234567", "966551234567", "1012345678", "0559876543"):
        assert number not in written


@override_settings(ALLOWED_HOSTS=["sawt.example.org"])
def test_a_foreign_host_is_one_line_without_a_trace_whatever_is_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Client(headers={"Host": "foreign.example"}, raise_request_exception=False)

    answers = [client.get("/"), client.get("/graphql"), client.post("/api/uploads")]

    assert [answer.status_code for answer in answers] == [400] * 3
    refusals = [record for record in caplog.records if record.name == "django.security.DisallowedHost"]
    assert [(record.levelname, record.exc_info) for record in refusals] == [("WARNING", None)] * 3
    assert all("'foreign.example'" in record.getMessage() for record in refusals)
