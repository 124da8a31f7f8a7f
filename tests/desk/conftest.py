"""Signed-in staff: `client_of(people.coordinator)` is a browser that has seen the admin once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from permissions.models import User
from tests import factories


@pytest.fixture(autouse=True)
def _contexts(contexts: None) -> None:
    """Most tests here read what a template was given."""


@pytest.fixture
def client_of(db: Any) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def agent(client_of: Callable[[User], Client], people: factories.People) -> Client:
    """The contact centre's agent, signed in."""
    return client_of(people.agent)


@pytest.fixture
def other_agent(people: factories.People) -> User:
    return factories.person("agent", username="agent2", name_en="Agent Two")
