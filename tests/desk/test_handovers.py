"""The page of handovers: what is read before, who may confirm, and what stays readable after."""

import html

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.content.dates import gregorian
from cms.entities.models import Entity, Handover, Membership
from cms.reports.handover import running
from cms.reports.models import Report
from tests import factories
from tests.desk.tables import edited, faults, upload

pytestmark = pytest.mark.django_db
WHY = "قرار مجلس المنطقة رقم 12."


@pytest.fixture
def index(db):
    return reverse("desk:handovers")


def planning(entity="municipality.north", target="municipality", kind="close", **more):
    return {"entity": entity, "target": target, "kind": kind, **more}


def planned(client, index, **given):
    answer = client.post(index, planning(**given))
    assert answer.status_code == 302, answer.content.decode()
    return Handover.objects.latest("pk"), answer.url


def confirmed(client, url):
    seen = client.get(url).context["form"].initial["seen"]
    return client.post(url, {"do": "confirm", "reason": WHY, "seen": seen})


def test_an_administrator_reads_confirms_and_reads_again(client_of, people, catalogue, report_in, index):
    assigned, waiting = report_in("assigned"), factories.submitted_report()
    client = client_of(people.admin)
    handover, url = planned(client, index)
    page = client.get(url).content.decode()
    for words in (
        "لم يحدث شيء بعد.",
        people.specialist.name,
        people.leader.name,
        "عمود إنارة مطفأ",
        people.coordinator3.name,
        "أكد التسليم",
    ):
        assert words in page, words
    assert Entity.objects.get(code="municipality.north").is_active
    assert confirmed(client, url).url == url
    page = client.get(url).content.decode()
    assert reverse("desk:handover_progress", args=[handover.pk]) in page
    running.run(handover.pk)
    part = client.get(reverse("desk:handover_progress", args=[handover.pk])).content.decode()
    assert 'data-handover-state="done"' in part
    page = client.get(url).content.decode()
    for words in ("انتقل", "انتهى", WHY, people.specialist.name, people.admin.name):
        assert words in page, words
    # Who keeps people sees no report by this either.
    assert assigned.reference not in page
    assert waiting.reference not in page
    supervisor = client_of(people.supervisor).get(url).content.decode()
    assert assigned.reference in supervisor
    assert waiting.reference in supervisor
    assert 'value="resume"' not in supervisor


def test_a_supervisor_plans_and_an_administrator_confirms(client_of, people, catalogue, index):
    _handover, url = planned(client_of(people.supervisor), index)
    page = client_of(people.supervisor).get(url).content.decode()
    assert 'value="confirm"' not in page
    assert "يؤكده مدير النظام" in page
    refused = client_of(people.supervisor).post(url, {"do": "confirm", "reason": WHY, "seen": "x"})
    # As everything that Wagtail's admin refuses by name.
    assert refused.url == reverse("wagtailadmin_home")
    assert Entity.objects.get(code="municipality.north").is_active
    assert confirmed(client_of(people.admin), url).status_code == 302
    assert Handover.objects.get().planned_by == people.supervisor
    assert Handover.objects.get().confirmed_by == people.admin


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": ""}, "هذا الحقل مطلوب."),
        ({"target": "municipality.north"}, "لا تُسلَّم الجهة إلى نفسها."),
        ({"entity": "emirate"}, "جهة الإمارة نفسها باقية"),
        ({"entity": "municipality", "target": "water"}, "ما زالت تتبعها جهات عاملة"),
        ({"entity": "water"}, "تستقبل إحداهما البلاغات السرية"),
        ({"kind": ""}, "هذا الحقل مطلوب"),
        ({"target": "nowhere"}, "انتق خياراً صحيحاً."),
    ],
)
def test_what_is_wrong_stands_in_the_form(client_of, people, catalogue, index, given, said):
    answer = client_of(people.admin).post(index, {**planning(), **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Handover.objects.exists()


def test_lists_that_have_changed_are_shown_anew_and_the_reason_stays(client_of, people, catalogue, index):
    client = client_of(people.admin)
    _handover, url = planned(client, index)
    seen = client.get(url).context["form"].initial["seen"]
    newcomer = factories.person("specialist", catalogue.north, name_ar="الموظفة الجديدة")
    answer = client.post(url, {"do": "confirm", "reason": WHY, "seen": seen})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "تغيرت القوائم" in page
    assert newcomer.name in page
    assert WHY in page
    fresh = answer.context["form"]["seen"].value()
    assert client.post(url, {"do": "confirm", "reason": WHY, "seen": fresh}).status_code == 302


def test_without_a_reason_nothing_happens(client_of, people, catalogue, index):
    client = client_of(people.admin)
    _handover, url = planned(client, index)
    seen = client.get(url).context["form"].initial["seen"]
    answer = client.post(url, {"do": "confirm", "reason": " ", "seen": seen})
    assert answer.status_code == 422
    assert "هذا الحقل مطلوب" in answer.content.decode()
    assert Handover.objects.get().state == "planned"


def test_a_plan_is_taken_back_once(client_of, people, catalogue, index):
    client = client_of(people.admin)
    _handover, url = planned(client, index)
    assert "سُحبت الخطة" in client.post(url, {"do": "withdraw"}, follow=True).content.decode()
    again = client.post(url, {"do": "withdraw"}, follow=True).content.decode()
    assert "أُكد هذا التسليم أو سُحب من قبل." in again
    assert client.post(url, {"do": "nothing"}).status_code == 404


def test_a_move_says_who_gains_and_loses(client_of, people, catalogue, index):
    client = client_of(people.admin)
    _handover, url = planned(client, index, target="water", kind="move")
    page = client.get(url).content.decode()
    assert "من يكسب ومن يفقد" in page
    assert people.coordinator3.name in page
    assert people.leader2.name in page
    assert confirmed(client, url).status_code == 302
    after = client.get(url).content.decode()
    assert "فقد" in after
    assert people.leader2.name in after
    assert Entity.objects.get(code="municipality.north").get_parent().code == "water"


def test_what_failed_is_shown_and_goes_on_by_a_button(client_of, people, catalogue, index, monkeypatch):
    report = factories.submitted_report()
    client = client_of(people.admin)
    handover, url = planned(client, index)
    confirmed(client, url)

    def breaks(report_id, **given):
        raise ValueError("something nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(running, "hand_on", breaks)
        running.run(handover.pk)
    page = client.get(url + "?outcome=failed").content.decode()
    assert "تعذر" in page
    assert "something nobody thought of" not in page
    assert "يواصل من حيث توقف" in client.post(url, {"do": "resume"}, follow=True).content.decode()
    running.run(handover.pk)
    assert Report.objects.get(pk=report.pk).entity.code == "municipality"


def test_its_pages_cost_the_same_for_one_report_and_for_many(
    client_of, people, catalogue, index, django_assert_max_num_queries
):
    client = client_of(people.supervisor)
    for number in (1, 8):
        for _ in range(number):
            factories.submitted_report()
        _handover, url = planned(client, index)
        client.get(url)
        with django_assert_max_num_queries(26):
            client.get(url)
    handover, url = planned(client_of(people.admin), index)
    confirmed(client_of(people.admin), url)
    running.run(handover.pk)
    with django_assert_max_num_queries(26):
        page = client.get(url).content.decode()
    assert page.count('class="ref"') == 9


@pytest.mark.parametrize("role", ["coordinator", "specialist", "leader", "emirate", "auditor", "agent"])
def test_for_everybody_else_there_is_no_such_page(client_of, people, catalogue, index, role):
    _handover, url = planned(client_of(people.admin), index)
    client = client_of(people.by_role[role])
    for address in (index, url):
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "withdraw"}).status_code == 404
    assert client.get(reverse("desk:handover_progress", args=[_handover.pk])).status_code == 404
    assert Handover.objects.get().state == "planned"
    assert index not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_past_keeps_the_name_of_who_answered(client_of, people, catalogue, report_in, index):
    past = report_in("answered")
    client = client_of(people.admin)
    handover, url = planned(client, index)
    confirmed(client, url)
    running.run(handover.pk)
    page = client_of(people.supervisor).get(reverse("desk:report", args=[past.public_id])).content.decode()
    # In the facts, and over the reply that it once gave.
    assert page.count(catalogue.north.name) >= 2


def test_an_entity_with_work_is_not_closed_by_a_tick(client_of, people, catalogue):
    client = client_of(people.admin)
    url = reverse("entities:edit", args=[catalogue.north.pk])
    form = client.get(url).context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    given["jurisdiction"] = [catalogue.town.pk]
    given.pop("is_active")
    refused = client.post(url, given)
    assert refused.status_code == 200
    assert "أغلقها بتسليم عملها" in refused.content.decode()
    assert Entity.objects.get(pk=catalogue.north.pk).is_active
    Membership.objects.filter(entity=catalogue.north).delete()
    catalogue.north.routingrule_set.all().delete()
    assert client.post(url, given).status_code == 302
    assert not Entity.objects.get(pk=catalogue.north.pk).is_active


def test_who_opens_an_entity_again_that_was_handed_over_is_told_before(
    client_of, people, catalogue, report, index
):
    client = client_of(people.admin)
    handover, url = planned(client, index)
    confirmed(client, url)
    edit = reverse("entities:edit", args=[catalogue.north.pk])
    form = client.get(edit).context["form"]
    said = str(form.fields["is_active"].help_text)
    assert f"أغلقها التسليم رقم {handover.pk} في " in said
    assert catalogue.municipality.name in said
    given = {name: form[name].value() or "" for name in form.fields} | {"is_active": "on"}
    given["jurisdiction"] = [catalogue.town.pk]
    table = edited("entities", lambda page: page.change("municipality.north", is_active="yes"))
    # While its reports are on their way it stays closed, by the form and by a table.
    assert client.post(edit, given).context["form"].errors.keys() == {"is_active"}
    [[(name, still)]] = faults("entities", table).values()
    assert (name, still) == ("is_active", "تسليمها ما زال جاريًا: يمكن فتحها بعد اكتماله.")
    running.run(handover.pk)
    check = upload(client, "entities", table).url
    assert said in html.unescape(client.get(check).content.decode())
    assert not Entity.objects.get(pk=catalogue.north.pk).is_active
    assert client.post(edit, given).status_code == 302
    north = Entity.objects.get(pk=catalogue.north.pk)
    assert (north.is_active, north.continued_by) == (True, None)
    assert Report.objects.get(pk=report.pk).entity == catalogue.municipality
    # An entity that was never closed has no such words.
    assert client.get(edit).context["form"].fields["is_active"].help_text == ""


def test_a_plan_whose_target_was_closed_meanwhile_says_which_one(client_of, people, catalogue, index):
    client = client_of(people.admin)
    away = {"target": "municipality.north", "confidential_to_triage": "on"}
    _handover, stale = planned(client, index, entity="water", **away)
    _other, url = planned(client, index)
    confirmed(client, url)
    page = html.unescape(client.get(stale).content.decode())
    north, heir = catalogue.north.name, catalogue.municipality.name
    assert f"أُغلقت «{north}» وصار عملها إلى «{heir}»." in page


def test_people_of_a_closed_entity_read_that_it_was_closed_and_where_its_work_went(
    client_of, people, catalogue, index
):
    client = client_of(people.admin)
    _handover, url = planned(client, index)
    confirmed(client, url)
    there = client_of(people.coordinator).get(reverse("wagtailadmin_home"), follow=True)
    page = there.content.decode()
    assert there.redirect_chain[-1][0].startswith(reverse("wagtailadmin_login"))
    today = gregorian(timezone.now(), "ar")
    assert f"<b>{catalogue.north.name}</b> يوم {today}" in page.replace("أُغلقت ", "")
    assert f"<b>{catalogue.municipality.name}</b>" in page
    assert 'name="password"' not in page
    assert "ليس لديك صلاحية" not in page


def test_nothing_new_is_given_to_a_closed_entity(client_of, people, catalogue):
    Entity.objects.filter(pk=catalogue.north.pk).update(is_active=False)
    client = client_of(people.admin)
    member = {
        "person": people.agent.pk,
        "role": "coordinator",
        "entity": catalogue.north.pk,
        "valid_from": "2026-01-01 00:00",
    }
    refused = client.post(reverse("memberships:add"), member)
    assert "هذه الجهة مغلقة." in refused.content.decode()
    assert not Membership.objects.filter(person=people.agent, entity=catalogue.north).exists()
