"""The demonstration's accounts: told at the start, and closed when the server is reached from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms.embedded import accounts
from permissions.models import User


def test_the_table_tells_who_each_account_is() -> None:
    lines = accounts.table().splitlines()

    for person in accounts.people():
        [line] = [line for line in lines if line.split()[:1] == [person["login"]]]
        assert person["name_en"] in line
        assert accounts.TASKS[person["role"]] in line


@pytest.mark.django_db
def test_closing_and_opening_touches_the_demonstration_alone(tmp_path: Path) -> None:
    User.objects.create(username="coordinator")
    User.objects.create(username="leader", is_active=False)
    User.objects.create(username="somebody.real")

    accounts.switch(tmp_path, on=False)
    accounts.switch(tmp_path, on=False)
    closed = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    accounts.switch(tmp_path, on=True)
    opened = set(User.objects.filter(is_active=True).values_list("username", flat=True))

    assert closed == {"somebody.real"}
    # Whom an administrator had closed stays closed.
    assert opened == {"coordinator", "somebody.real"}
