import pytest
from django.contrib import admin

from consortia.organizations.models import Claim, Organization
from tests.cast import make_organization

pytestmark = pytest.mark.django_db


def test_the_queues_count_what_waits_and_lead_to_it(curator_client, alice):
    waiting = make_organization("Newcomer", status=Organization.Status.PENDING)
    make_organization("Imported", status=Organization.Status.PENDING, source="cordis")
    Claim.objects.create(organization=waiting, claimant=alice, statement="It is ours.")

    response = curator_client.get("/admin/")

    queues = {str(queue.label): queue for queue in response.context["queues"]}
    assert queues["Organizations to verify"].count == 1
    assert queues["Claims to decide"].count == 1
    for queue in queues.values():
        assert curator_client.get(queue.address).status_code == 200


def test_the_sidebar_holds_every_model_of_the_admin(curator_client):
    response = curator_client.get("/admin/")

    listed = {item["link"] for group in response.context["sidebar_navigation"] for item in group["items"]}
    registered = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    assert listed == registered


def test_every_model_of_the_platform_is_in_the_admin():
    from django.apps import apps

    own = {
        model
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in {"ronghe", "consortia", "matching"}
        for model in config.get_models()
    }

    assert {model._meta.label for model in own - set(admin.site._registry)} == set()


@pytest.mark.parametrize("person", ["alice_client", "charlie_client", "client"])
def test_nobody_else_gets_in(person, request):
    response = request.getfixturevalue(person).get("/admin/")

    assert response.status_code == 302
    assert "/login" in response.url
