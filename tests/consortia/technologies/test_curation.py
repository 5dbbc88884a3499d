"""Curating the taxonomy: concepts, labels, relations without circles, redirects, routes, interfaces."""

import math
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from consortia.disclosure.viewer import Viewer
from consortia.technologies import services
from consortia.technologies.models import RouteMetric, Technology, TechnologyLabel, TechnologyRelation
from consortia.technologies.selectors import (
    fields_with_technologies,
    resolve_key,
    search_technologies,
    technology_page_for,
    visible_technologies,
)
from consortia.technologies.services import TechnologyDraft
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit
from ronghe.events.models import Event
from tests.consortia.technologies.conftest import MakeTechnology

pytestmark = pytest.mark.django_db

BROADER = TechnologyRelation.Kind.BROADER


class TestConcepts:
    def test_a_proposed_one_is_for_curators(self, curator_viewer: Viewer, charlie_viewer: Viewer) -> None:
        draft = TechnologyDraft(key="ene-new", labels={"en": "New"})
        technology = services.propose_technology(actor=curator_viewer, draft=draft)
        assert visible_technologies(curator_viewer).filter(pk=technology.pk).exists()
        assert not visible_technologies(charlie_viewer).filter(pk=technology.pk).exists()
        with pytest.raises(NotFound):
            technology_page_for(charlie_viewer, "ene-new")
        services.activate_technology(actor=curator_viewer, technology=technology)
        assert technology_page_for(charlie_viewer, "ene-new") == technology

    def test_it_is_found_in_both_languages_by_any_label(self, battery: Technology, charlie_viewer: Viewer) -> None:
        for text in ("SOLID STATE", "固态", "全固态电池"):
            assert list(search_technologies(charlie_viewer, text)) == [battery]

    @pytest.mark.parametrize(
        ("changes", "culprit"),
        [
            ({"key": "Not a key"}, "key"),
            ({"labels": {}}, "labels"),
            ({"labels": {"klingon!": "x"}}, "labels"),
            ({"labels": {"en": "x" * 201}}, "labels"),
            ({"aliases": {"en": ["a\x07b"]}}, "aliases"),
            ({"aliases": {"en": [f"alias {number}" for number in range(51)]}}, "aliases"),
            ({"definitions": {"en": "x" * 2001}}, "definitions"),
        ],
    )
    def test_bad_input_names_its_field(self, changes: dict[str, Any], culprit: str, curator_viewer: Viewer) -> None:
        draft = TechnologyDraft(**{"key": "ene-new", "labels": {"en": "New"}, **changes})
        with pytest.raises(InvalidInput) as refusal:
            services.propose_technology(actor=curator_viewer, draft=draft)
        assert list(refusal.value.fields) == [culprit]
        assert not Technology.objects.exists()

    def test_a_key_is_used_once(self, battery: Technology, make: MakeTechnology) -> None:
        with pytest.raises(Conflict) as refusal:
            make("ene-battery")
        assert refusal.value.code == "key_taken"

    def test_only_curators_curate(self, battery: Technology, alice_viewer: Viewer) -> None:
        attempts = [
            lambda: services.propose_technology(actor=alice_viewer, draft=TechnologyDraft(key="xxx", labels={})),
            lambda: services.activate_technology(actor=alice_viewer, technology=battery),
            lambda: services.deprecate_technology(actor=alice_viewer, technology=battery),
            lambda: services.merge_technologies(actor=alice_viewer, merged=battery, into=battery),
            lambda: services.add_label(actor=alice_viewer, technology=battery, language="en", text="x"),
            lambda: services.relate_technologies(actor=alice_viewer, source=battery, target=battery, kind="related"),
            lambda: services.add_route(actor=alice_viewer, technology=battery, key="xxx", labels={}),
            lambda: services.register_interface(actor=alice_viewer, key="xxx", names={}),
            lambda: services.release_taxonomy(actor=alice_viewer, version="2027.1"),
        ]
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt()

    def test_a_new_preferred_label_makes_the_old_one_an_alias(
        self, battery: Technology, curator_viewer: Viewer
    ) -> None:
        preferred = TechnologyLabel.Kind.PREFERRED
        services.add_label(
            actor=curator_viewer, technology=battery, language="en", text="Solid battery", kind=preferred
        )
        battery.refresh_from_db()
        labels = dict(battery.known_labels.filter(language="en").values_list("text", "kind"))
        assert battery.labels["en"] == "Solid battery"
        assert labels == {
            "Solid battery": "preferred",
            "Solid-state battery": "alias",
            "all-solid-state battery": "alias",
        }

    def test_two_curators_at_once_overwrite_nothing(self, battery: Technology, curator_viewer: Viewer) -> None:
        seen_before = Technology.objects.get(pk=battery.pk)
        services.deprecate_technology(actor=curator_viewer, technology=battery)
        with pytest.raises(StaleEdit):
            services.deprecate_technology(actor=curator_viewer, technology=seen_before)


class TestRelations:
    def test_a_circle_of_broader_ones_is_refused_and_its_path_named(
        self, field: Technology, battery: Technology, make: MakeTechnology, curator_viewer: Viewer
    ) -> None:
        cell = make("ene-cell", broader_keys=["ene-battery"])
        with pytest.raises(Conflict) as refusal:
            services.relate_technologies(actor=curator_viewer, source=field, target=cell, kind=BROADER)
        assert "energy → ene-cell → ene-battery → energy" in refusal.value.message
        assert not TechnologyRelation.objects.filter(source=field).exists()

    def test_several_parents_are_no_circle(
        self, battery: Technology, hydrogen: Technology, make: MakeTechnology
    ) -> None:
        both = make("ene-both", broader_keys=["ene-battery", "ene-hydrogen"])
        assert both.relations.filter(kind=BROADER).count() == 2

    def test_dependencies_may_go_round(self, battery: Technology, hydrogen: Technology, curator_viewer: Viewer) -> None:
        for source, target in ((battery, hydrogen), (hydrogen, battery), (battery, hydrogen)):
            services.relate_technologies(actor=curator_viewer, source=source, target=target, kind="depends_on")
        assert TechnologyRelation.objects.filter(kind="depends_on").count() == 2

    def test_wrong_arrows_are_refused(self, battery: Technology, curator_viewer: Viewer) -> None:
        with pytest.raises(InvalidInput):
            services.relate_technologies(actor=curator_viewer, source=battery, target=battery, kind="related")
        with pytest.raises(InvalidInput):
            services.relate_technologies(actor=curator_viewer, source=battery, target=battery, kind="likes")

    def test_fields_show_what_is_directly_under_them(
        self,
        field: Technology,
        battery: Technology,
        hydrogen: Technology,
        charlie_viewer: Viewer,
        django_assert_num_queries: object,
    ) -> None:
        with django_assert_num_queries(2):
            assert fields_with_technologies(charlie_viewer) == [(field, [battery, hydrogen])]


class TestRedirects:
    def test_a_replaced_key_leads_to_the_last_heir(
        self, battery: Technology, hydrogen: Technology, make: MakeTechnology, curator_viewer: Viewer
    ) -> None:
        last = make("ene-last")
        services.deprecate_technology(actor=curator_viewer, technology=battery, replaced_by=hydrogen)
        services.deprecate_technology(actor=curator_viewer, technology=hydrogen, replaced_by=last)
        assert resolve_key("ene-battery") == last
        assert resolve_key("ene-last") == last

    def test_replacements_never_go_round(
        self, battery: Technology, hydrogen: Technology, curator_viewer: Viewer
    ) -> None:
        services.deprecate_technology(actor=curator_viewer, technology=battery, replaced_by=hydrogen)
        with pytest.raises(Conflict) as refusal:
            services.deprecate_technology(actor=curator_viewer, technology=hydrogen, replaced_by=battery)
        assert refusal.value.code == "replacement_cycle"
        assert "ene-hydrogen → ene-battery → ene-hydrogen" in refusal.value.message
        with pytest.raises(InvalidInput):
            services.deprecate_technology(actor=curator_viewer, technology=hydrogen, replaced_by=hydrogen)

    def test_a_key_that_split_names_its_parts(self, battery: Technology, hydrogen: Technology) -> None:
        for target in (battery, hydrogen):
            target.redirects.create(key="ene-storage")
        with pytest.raises(NotFound) as refusal:
            resolve_key("ene-storage")
        assert "ene-battery, ene-hydrogen" in refusal.value.message

    def test_an_unknown_key_is_not_found(self, db: None) -> None:
        with pytest.raises(NotFound):
            resolve_key("never-was")

    def test_merging_moves_labels_routes_and_relations(
        self, battery: Technology, hydrogen: Technology, make: MakeTechnology, curator_viewer: Viewer
    ) -> None:
        cell = make("ene-cell", broader_keys=["ene-battery"])
        services.relate_technologies(actor=curator_viewer, source=battery, target=hydrogen, kind="related")
        services.merge_technologies(actor=curator_viewer, merged=battery, into=hydrogen)
        assert resolve_key("ene-battery") == hydrogen
        assert hydrogen.known_labels.filter(text="固态电池", kind="alias").exists()
        assert hydrogen.routes.get().key == "ene-battery-sulfide"
        assert cell.relations.get().target == hydrogen
        assert not hydrogen.relations.filter(target=hydrogen).exists()
        assert Event.objects.filter(kind="technology.merged", subject_id=hydrogen.pk).exists()

    def test_a_merge_that_would_close_a_circle_is_undone_as_a_whole(
        self, field: Technology, battery: Technology, make: MakeTechnology, curator_viewer: Viewer
    ) -> None:
        cell = make("ene-cell", broader_keys=["ene-battery"])
        with pytest.raises(Conflict):
            services.merge_technologies(actor=curator_viewer, merged=field, into=cell)
        field.refresh_from_db()
        assert field.status == Technology.Status.ACTIVE
        assert battery.relations.get(kind=BROADER).target == field


class TestRoutes:
    def metric(self, viewer: Viewer, technology: Technology, **changes: Any) -> RouteMetric:
        given = {
            "names": {"en": "energy density"},
            "value": 450.0,
            "unit": "Wh/kg",
            "date": date(2025, 6, 1),
            "source": "Review",
        }
        return services.record_route_metric(actor=viewer, route=technology.routes.get(), **{**given, **changes})

    def test_figures_are_dated_and_sourced(self, battery: Technology, curator_viewer: Viewer) -> None:
        assert str(self.metric(curator_viewer, battery)) == "energy density 450 Wh/kg"

    @pytest.mark.parametrize(
        ("changes", "culprit"),
        [
            ({"value": math.nan}, "unit"),
            ({"unit": "furlongs per moon"}, "unit"),
            ({"source": " "}, "source"),
            ({"names": {}}, "names"),
            ({"date": timezone.localdate() + timedelta(days=2)}, "date"),
        ],
    )
    def test_bad_input_names_its_field(
        self, changes: dict[str, Any], culprit: str, battery: Technology, curator_viewer: Viewer
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            self.metric(curator_viewer, battery, **changes)
        assert list(refusal.value.fields) == [culprit]

    def test_convergence_is_one_of_four(self, battery: Technology, curator_viewer: Viewer) -> None:
        route = battery.routes.get()
        services.set_convergence(actor=curator_viewer, route=route, convergence="dominant")
        route.refresh_from_db()
        assert route.convergence == "dominant"
        with pytest.raises(InvalidInput):
            services.set_convergence(actor=curator_viewer, route=route, convergence="winning")

    def test_keys_of_routes_and_interfaces_are_used_once(self, battery: Technology, curator_viewer: Viewer) -> None:
        with pytest.raises(Conflict):
            services.add_route(
                actor=curator_viewer, technology=battery, key="ene-battery-sulfide", labels={"en": "Again"}
            )
        given = {"key": "iface-opc-ua", "names": {"en": "OPC UA"}, "standard": "IEC 62541", "technologies": [battery]}
        interface = services.register_interface(actor=curator_viewer, **given)
        assert list(battery.interfaces.all()) == [interface]
        with pytest.raises(Conflict):
            services.register_interface(actor=curator_viewer, **given)
