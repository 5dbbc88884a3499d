"""The taxonomy on pages, in the API and in the admin."""

from datetime import date

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from consortia.disclosure.viewer import Viewer
from consortia.technologies.models import (
    Interface,
    Route,
    RouteMetric,
    TaxonomyProposal,
    TaxonomyRelease,
    Technology,
    TechnologyLabel,
    TechnologyRedirect,
    TechnologyRelation,
)
from consortia.technologies.services import (
    TechnologyDraft,
    deprecate_technology,
    import_concepts,
    propose_change,
    propose_technology,
    record_route_metric,
    register_interface,
    relate_technologies,
    release_taxonomy,
)
from consortia.technologies.services.imported import ImportedConcept

pytestmark = pytest.mark.django_db

API = "/api/v1/technologies/"


def page(key: str) -> str:
    return reverse("technologies:detail", kwargs={"key": key})


@pytest.fixture
def proposed(curator_viewer: Viewer) -> Technology:
    draft = TechnologyDraft(key="ene-secret", labels={"en": "Secret plan"})
    return propose_technology(actor=curator_viewer, draft=draft)


class TestPages:
    def test_fields_are_listed_with_their_technologies(self, client: Client, battery: Technology) -> None:
        text = client.get(reverse("technologies:list")).text
        assert "Future energy" in text
        assert "Solid-state battery" in text

    def test_a_search_speaks_both_languages(self, client: Client, battery: Technology, hydrogen: Technology) -> None:
        text = client.get(reverse("technologies:list"), {"q": "全固态"}).text
        assert "Solid-state battery" in text
        assert "Green hydrogen" not in text

    def test_routes_stand_side_by_side_with_their_figures(
        self, client: Client, battery: Technology, hydrogen: Technology, curator_viewer: Viewer
    ) -> None:
        record_route_metric(
            actor=curator_viewer,
            route=battery.routes.get(),
            names={"en": "energy density"},
            value=450,
            unit="Wh/kg",
            date=date(2025, 6, 1),
            source="Review",
        )
        register_interface(actor=curator_viewer, key="iface-x", names={"en": "Interface X"}, technologies=[battery])
        relate_technologies(actor=curator_viewer, source=battery, target=hydrogen, kind="depends_on")
        text = client.get(page("ene-battery")).text
        for expected in ("Sulfide", "energy density", "Wh/kg", "Interface X", "Green hydrogen", "Future energy"):
            assert expected in text
        assert "Solid-state battery" in client.get(page("ene-hydrogen")).text

    def test_two_that_name_each_other_are_related_once(
        self, client: Client, battery: Technology, hydrogen: Technology, curator_viewer: Viewer
    ) -> None:
        relate_technologies(actor=curator_viewer, source=battery, target=hydrogen, kind="related")
        relate_technologies(actor=curator_viewer, source=hydrogen, target=battery, kind="related")
        assert client.get(page("ene-battery")).text.count(page("ene-hydrogen")) == 1

    def test_the_number_of_queries_is_bounded(
        self, client: Client, battery: Technology, curator_viewer: Viewer, django_assert_max_num_queries: object
    ) -> None:
        concepts = [
            ImportedConcept(key=f"esv-{number}", labels={"en": f"L {number}"}, broader_keys=["ene-battery"])
            for number in range(20)
        ]
        import_concepts(scheme="euroscivoc", concepts=concepts)
        with django_assert_max_num_queries(12):
            client.get(page("ene-battery"))

    def test_a_former_key_leads_on_for_good(
        self, client: Client, battery: Technology, hydrogen: Technology, curator_viewer: Viewer
    ) -> None:
        deprecate_technology(actor=curator_viewer, technology=battery, replaced_by=hydrogen)
        response = client.get(page("ene-battery"))
        assert (response.status_code, response.url) == (301, page("ene-hydrogen"))

    def test_charlie_does_not_see_what_is_proposed(
        self, charlie_client: Client, curator_client: Client, proposed: Technology
    ) -> None:
        assert charlie_client.get(page("ene-secret")).status_code == 404
        assert "Secret plan" not in charlie_client.get(reverse("technologies:list"), {"q": "secret"}).text
        assert curator_client.get(page("ene-secret")).status_code == 200

    def test_a_signed_in_person_proposes(self, charlie_client: Client, client: Client, field: Technology) -> None:
        address = reverse("technologies:propose")
        typed = {"key": "ene-new", "label_en": "New", "broader": "energy", "reason": "It is missing."}
        assert client.post(address, typed).status_code == 302
        assert not TaxonomyProposal.objects.exists()
        assert charlie_client.post(address, typed).status_code == 302
        assert TaxonomyProposal.objects.get().content["key"] == "ene-new"


class TestApi:
    def test_everybody_reads(self, client: Client, battery: Technology) -> None:
        listed = client.get(API, {"broader": "energy"}).json()["results"]
        assert [one["key"] for one in listed] == ["ene-battery"]
        body = client.get(f"{API}ene-battery/").json()
        assert body["routes"][0]["key"] == "ene-battery-sulfide"
        assert body["relations"] == [{"kind": "broader", "technology": "energy"}]

    def test_a_former_key_answers_301(
        self, client: Client, battery: Technology, hydrogen: Technology, curator_viewer: Viewer
    ) -> None:
        deprecate_technology(actor=curator_viewer, technology=battery, replaced_by=hydrogen)
        response = client.get(f"{API}ene-battery/")
        assert (response.status_code, response["Location"]) == (301, f"{API}ene-hydrogen/")

    def test_curators_write(self, curator_client: Client, field: Technology) -> None:
        draft = {"key": "ene-new", "labels": {"en": "New"}, "broader_keys": ["energy"]}
        assert curator_client.post(API, draft, content_type="application/json").status_code == 201
        assert curator_client.post(f"{API}ene-new/activate/").json()["status"] == "active"
        arrow = {"kind": "broader", "technology": "ene-new"}
        circle = curator_client.post(f"{API}energy/relations/", arrow, content_type="application/json")
        assert (circle.status_code, circle.json()["code"]) == (409, "broader_cycle")
        ended = curator_client.post(f"{API}ene-new/deprecate/", {}, content_type="application/json")
        assert ended.json()["status"] == "deprecated"

    def test_charlie_writes_and_sees_nothing_he_may_not(
        self, charlie_client: Client, field: Technology, proposed: Technology
    ) -> None:
        draft = {"key": "ene-new", "labels": {"en": "New"}}
        assert charlie_client.post(API, draft, content_type="application/json").status_code == 403
        assert charlie_client.post(f"{API}energy/deprecate/", {}, content_type="application/json").status_code == 403
        assert charlie_client.get(f"{API}ene-secret/").status_code == 404
        assert charlie_client.post(f"{API}ene-secret/activate/").status_code == 404
        assert "ene-secret" not in charlie_client.get(API).text

    def test_charlie_proposes(self, charlie_client: Client, battery: Technology) -> None:
        proposal = {
            "kind": "change",
            "technology": "ene-battery",
            "content": {"labels": {"en": "X"}},
            "reason": "Shorter",
        }
        response = charlie_client.post(f"{API}proposals/", proposal, content_type="application/json")
        assert (response.status_code, response.json()["status"]) == (201, "open")


class TestAdmin:
    @pytest.fixture
    def records(self, battery: Technology, hydrogen: Technology, curator_viewer: Viewer) -> dict[type, Model]:
        route = battery.routes.get()
        return {
            Technology: battery,
            TechnologyLabel: battery.known_labels.all()[0],
            TechnologyRelation: battery.relations.all()[0],
            TechnologyRedirect: TechnologyRedirect.objects.create(key="ene-old", target=battery),
            Route: route,
            RouteMetric: record_route_metric(
                actor=curator_viewer,
                route=route,
                names={"en": "x"},
                value=1,
                unit="",
                date=date(2025, 1, 1),
                source="Review",
            ),
            Interface: register_interface(actor=curator_viewer, key="iface-x", names={"en": "X"}),
            TaxonomyProposal: propose_change(
                actor=curator_viewer, kind="deprecate", technology=hydrogen, content={}, reason="Old"
            ),
            TaxonomyRelease: release_taxonomy(actor=curator_viewer, version="2027.1"),
        }

    @pytest.mark.parametrize(
        "model",
        [
            Technology,
            TechnologyLabel,
            TechnologyRelation,
            TechnologyRedirect,
            Route,
            RouteMetric,
            Interface,
            TaxonomyProposal,
            TaxonomyRelease,
        ],
    )
    def test_list_search_and_record_load(
        self, model: type[Model], curator_client: Client, records: dict[type, Model]
    ) -> None:
        listed = reverse(f"admin:technologies_{model._meta.model_name}_changelist")
        record = reverse(f"admin:technologies_{model._meta.model_name}_change", args=[records[model].pk])
        assert curator_client.get(listed, {"q": "a"}).status_code == 200
        assert curator_client.get(record).status_code == 200

    def test_curators_activate_and_review(
        self, curator_client: Client, records: dict[type, Model], proposed: Technology
    ) -> None:
        for model, action, record in (
            (Technology, "activate", proposed),
            (TaxonomyProposal, "accept", records[TaxonomyProposal]),
        ):
            listed = reverse(f"admin:technologies_{model._meta.model_name}_changelist")
            curator_client.post(listed, {"action": action, "_selected_action": [record.pk]})
        assert Technology.objects.get(key="ene-secret").status == "active"
        assert Technology.objects.get(key="ene-hydrogen").status == "deprecated"
