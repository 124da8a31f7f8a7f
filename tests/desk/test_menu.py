"""The menu is of who one is at this request; who edits no page is asked nothing about pages."""

import json
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Locale, Page

from cms.entities.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db

VIEWS = "desk:views"


def menu(response):
    """The names of the sidebar's entries, in any order and depth, and `search` where it has a box for it."""
    found = re.search(r'id="wagtail-sidebar-props"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL)
    text = found.group(1)
    assert json.loads(text)
    names = set(re.findall(r'"name": "([^"]+)"', text))
    return names | ({"search"} if "wagtail.sidebar.SearchModule" in text else set())


@pytest.fixture
def editors(db):
    """A group that may change pages."""
    Locale.objects.get_or_create(language_code="ar")
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    group = Group.objects.create(name="of pages")
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=root, permission=change)
    return group


def test_who_becomes_an_editor_and_is_one_no_longer_finds_it_so_at_the_next_request(
    client_of, people, editors
):
    client = client_of(people.supervisor)
    before = menu(client.get(reverse(VIEWS)))
    assert {"queue", "sees"} <= before
    assert not before & {"explorer", "images", "search"}
    people.supervisor.groups.add(editors)
    assert before | {"explorer", "search"} <= menu(client.get(reverse(VIEWS)))
    people.supervisor.groups.remove(editors)
    assert menu(client.get(reverse(VIEWS))) == before


def test_a_role_that_ends_is_gone_from_the_menu_at_the_next_request(client_of, people):
    client = client_of(people.coordinator)
    assert "queue" in menu(client.get(reverse("wagtailadmin_home")))
    added = factories.MembershipFactory(person=people.coordinator, role="supervisor", entity=None)
    assert {"queue", "sees"} <= menu(client.get(reverse("wagtailadmin_home")))
    Membership.objects.filter(pk=added.pk).update(valid_until=timezone.now())
    assert "sees" not in menu(client.get(reverse("wagtailadmin_home")))


def test_who_edits_no_page_costs_no_look_at_what_editors_have(client_of, people):
    client = client_of(people.supervisor)
    client.get(reverse(VIEWS))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(VIEWS))
    asked = " ".join(query["sql"] for query in captured)
    assert "wagtailcore_grouppagepermission" in asked
    for table in ("wagtailcore_groupcollectionpermission", "wagtailcore_groupsitepermission"):
        assert table not in asked
