"""What a need says against itself is told to its author, and to nobody else."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.contradictions import contradictions_of
from consortia.listings.drafts import ParameterDraft
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from tests.consortia.listings.authoring import ENERGY_DENSITY, need_draft

pytestmark = pytest.mark.usefixtures("taxonomy")

AT_MOST_200 = replace(ENERGY_DENSITY, operator="le", value=200)
BLOCKED = {"eligible_countries": ["CN", "DE"], "blocked_countries": ["DE"]}


@pytest.fixture
def write(alice_viewer: Viewer, alice_lab: Organization) -> Any:
    """Writes a need and gives the fields of each of its contradictions."""

    def fields_at_odds(**changes: object) -> list[tuple[str, ...]]:
        need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft(**changes))
        return [item.fields for item in contradictions_of(need)]

    return fields_at_odds


def at(condition: str, **changes: object) -> ParameterDraft:
    return replace(ENERGY_DENSITY, conditions={"en": condition}, **changes)


@pytest.mark.parametrize(
    "other",
    [
        AT_MOST_200,
        replace(ENERGY_DENSITY, operator="eq", value=0.5, unit="MJ/kg"),
        replace(ENERGY_DENSITY, operator="between", value=100, value_high=299),
        replace(AT_MOST_200, tolerance=99),
    ],
)
def test_bounds_that_no_value_meets_contradict_each_other(write, other):
    cycles = ParameterDraft(labels={"en": "Cycles"}, operator="ge", value=1000, unit="")
    assert write(parameters=[ENERGY_DENSITY, cycles, other]) == [("parameters.0", "parameters.2")]


@pytest.mark.parametrize(
    "other",
    [
        replace(ENERGY_DENSITY, operator="le", value=300),
        replace(ENERGY_DENSITY, operator="le", value=1.08, unit="MJ/kg"),
        replace(ENERGY_DENSITY, operator="ge", value=400),
        replace(ENERGY_DENSITY, operator="between", value=100, value_high=310),
        replace(AT_MOST_200, tolerance=100),
        at("at -20 °C", operator="le", value=200),
    ],
)
def test_bounds_that_a_value_meets_or_under_other_conditions_do_not(write, other):
    assert write(parameters=[ENERGY_DENSITY, other]) == []


def test_countries_that_are_eligible_and_blocked(write):
    assert write(**BLOCKED) == [("eligible_countries", "blocked_countries")]
    assert write(eligible_countries=["CN"], blocked_countries=["DE"]) == []


def test_regions_where_nobody_is_eligible(write):
    assert write(eligible_countries=["DE"], regions=["CN-ZJ"]) == [("regions", "eligible_countries")]
    assert write(eligible_countries=["DE", "CN"], regions=["CN-ZJ", "FR-IDF"]) == []
    assert write(regions=["CN-ZJ"]) == []


def test_the_author_reads_it_on_page_and_api_and_nobody_else(
    alice_client: Client, charlie_client: Client, alice_viewer: Viewer, alice_lab: Organization
) -> None:
    draft = need_draft(parameters=[ENERGY_DENSITY, AT_MOST_200], **BLOCKED)
    need: Need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=draft)
    services.publish_need(actor=alice_viewer, need=need)
    page, endpoint = f"/needs/{need.public_id}/", f"/api/v1/needs/{need.public_id}/"
    told = alice_client.get(endpoint).json()["contradictions"]
    assert [item["fields"] for item in told] == [
        ["parameters.0", "parameters.1"],
        ["eligible_countries", "blocked_countries"],
    ]
    assert told[0]["message"] == (
        "Energy density: no value is both “≥ 300 Wh/kg” and “≤ 200 Wh/kg”. At most one of them can be met."
    )
    assert "no value is both" in alice_client.get(page).content.decode()
    assert charlie_client.get(endpoint).json()["contradictions"] == []
    seen = charlie_client.get(page)
    assert seen.status_code == 200
    assert "contradicts itself" not in seen.content.decode()
