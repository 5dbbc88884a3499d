"""Why an organization is missing, stage by stage, and what would lift it in: told to either side and nobody else."""

from dataclasses import asdict
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from consortia.disclosure.models import Tier
from consortia.listings.models import Capability, Listing, Need
from consortia.organizations.models import Organization
from matching import engine
from matching.engine.near_miss.asking import _NEED_STEPS
from matching.engine.near_miss.offering import _DOCUMENT_STEPS
from matching.explanations import explain_near_miss, explain_verdicts, near_misses
from matching.services.absence import STAGES, explain_absence
from matching.services.near_misses import find_near_miss
from ronghe.common.errors import NotAllowed, TooMany
from tests.matching import world

ABSENCE, NEAR_MISS = "/api/v1/matches/absence/", "/api/v1/matches/near-miss/"


@pytest.fixture
def erin(taxonomy, settings):
    """Erin Oxides offers the same on paper, but at a low TRL; one place is left, and Dora has it."""
    settings.MATCHING_TOP_K = 1
    organization, viewer = world.make_owner("Erin Oxides")
    world.publish_capability(viewer, organization, trl_low=2, trl_high=4, disclosure={"price": Tier.PUBLIC})
    return organization, viewer


@pytest.fixture
def rival(capability: Capability) -> Capability:
    """Dora's offer, short of one point only: it speaks another language."""
    Capability.objects.filter(pk=capability.pk).update(languages_spoken=["de"])
    return capability


@pytest.fixture
def computed(need: Need, rival: Capability, erin) -> Need:
    world.recompute()
    return need


def ask(viewer, need: Need, organization: Organization):
    return explain_absence(actor=viewer, need=need, organization=organization)


def steps(viewer, need: Need, organization: Organization) -> list[str]:
    found = find_near_miss(actor=viewer, need=need, organization=organization)
    return [step for way in explain_near_miss(viewer, found).ways for step in way.steps]


def test_every_stage_gives_its_verdict_with_figures(computed, alice_viewer, erin):
    absence = ask(alice_viewer, computed, erin[0])
    assert tuple(verdict.stage for verdict in absence.verdicts) == STAGES
    assert [verdict.passed for verdict in absence.verdicts] == [True, True, True, True, False]
    told = [view.reasons for view in explain_verdicts(absence.verdicts)]
    assert told[0] == ("No rule excludes it.",)
    assert told[1] == ("1 of its records came up for the need.",)
    assert "points for the subject" in told[2][0]
    assert "of 100 points" in told[3][0]
    assert "It stands at place 2 with" in told[4][0]


def test_a_rule_ends_it_at_the_first_stage(computed, alice_viewer, alice_lab):
    absence = ask(alice_viewer, computed, alice_lab)
    assert [verdict.passed for verdict in absence.verdicts] == [False, None, None, None, None]
    assert [reason["code"] for reason in absence.verdicts[0].reasons] == ["own_organization"]


def test_nothing_in_common_ends_it_at_retrieval(charlie_works, computed, alice_viewer):
    absence = ask(alice_viewer, computed, charlie_works)
    assert [verdict.passed for verdict in absence.verdicts] == [True, False, None, None, None]


def test_whoever_is_listed_passed_every_stage(computed, alice_viewer, dora_materials):
    absence = ask(alice_viewer, computed, dora_materials[0])
    assert absence.stage == "listed"
    assert all(verdict.passed for verdict in absence.verdicts)


def test_the_organization_hears_it_of_itself_and_of_nobody_else(computed, erin, dora_materials, charlie_viewer):
    organization, viewer = erin
    absence = ask(viewer, computed, organization)
    assert (absence.side, absence.stage) == ("organization", "below_cut")
    for other, missed in ((viewer, dora_materials[0]), (charlie_viewer, organization)):
        for question in (explain_absence, find_near_miss):
            with pytest.raises(NotAllowed):
                question(actor=other, need=computed, organization=missed)


def test_what_the_need_hides_is_not_given_away_by_a_rule(need, rival, erin, alice_viewer):
    organization, viewer = erin
    Need.objects.filter(pk=need.pk).update(eligible_countries=["DE"], blocked_countries=["CN"])
    need.refresh_from_db()
    world.recompute()
    open_codes = {reason["code"] for reason in ask(viewer, need, organization).reasons}
    assert open_codes == {"country_not_eligible", "undisclosed_rule"}
    Listing.objects.filter(pk=need.pk).update(disclosure={"eligible_countries": Tier.MATCHED})
    need.refresh_from_db()
    assert {reason["code"] for reason in ask(viewer, need, organization).reasons} == {"undisclosed_rule"}
    assert "export_gate" in {reason["code"] for reason in ask(alice_viewer, need, organization).reasons}


def test_the_organization_hears_what_would_lift_it_in(computed, erin):
    organization, viewer = erin
    found = find_near_miss(actor=viewer, need=computed, organization=organization)
    told = explain_near_miss(viewer, found)
    assert told.needed == pytest.approx(6, abs=0.2), "the TRL is worth seven points, and the rival lacks one"
    assert told.ways[0].steps == ("reach TRL 7 (Sulfide electrolyte powder for solid-state batteries)",)
    assert told.ways[0].rank == 1


def test_the_need_hears_how_it_could_meet_the_organization(computed, alice_viewer, erin):
    assert steps(alice_viewer, computed, erin[0])[0].startswith("ask for TRL")


def test_a_budget_that_is_hidden_is_never_asked_to_be_met(need, rival, erin):
    organization, viewer = erin
    Capability.objects.filter(organization=organization).update(
        trl_low=6, trl_high=8, price_amount=Decimal(900_000_000)
    )
    world.recompute()
    assert "budget" not in str(steps(viewer, need, organization))
    Listing.objects.filter(pk=need.pk).update(disclosure={"budget": Tier.PUBLIC})
    need.refresh_from_db()
    assert "offer a price within the budget" in str(steps(viewer, need, organization))


def test_a_price_that_is_hidden_moves_no_budget(need, rival, erin, alice_viewer):
    organization, _viewer = erin
    offers = Capability.objects.filter(organization=organization)
    offers.update(trl_low=6, trl_high=8, price_amount=Decimal(900_000_000))
    world.recompute()
    assert "raise the budget to its price" in steps(alice_viewer, need, organization)
    Listing.objects.filter(organization=organization).update(disclosure={"price": Tier.MATCHED})
    world.recompute()
    assert "budget" not in str(steps(alice_viewer, need, organization))


def test_every_change_has_a_sentence():
    asked = set(near_misses._NEED)
    assert {"budget", "deadline", "partner_types", "eligible_countries", "route_locked"} <= asked
    assert set(_NEED_STEPS) - {"price", "available"} <= asked
    codes = {code.split(".")[0] for code in near_misses._ORGANIZATION}
    assert codes == set(_DOCUMENT_STEPS)
    args = {"to": 7.0, "from": 2.0, "route": "r", "country": "DE", "type": "firm", "role": "process", "key": "en"}
    args |= {"keys": "a, b", "day": 739000, "technology": "t"}
    for text in (*near_misses._NEED.values(), *near_misses._ORGANIZATION.values()):
        assert "%(" not in str(text) % near_misses._values(args, near_misses.Labels())


def test_the_record_is_named_only_to_whoever_may_know_it(computed, erin, alice_viewer):
    organization, viewer = erin
    found = find_near_miss(actor=viewer, need=computed, organization=organization)
    Listing.objects.filter(organization=organization).update(status=Listing.Status.WITHDRAWN)
    assert "a record that is not disclosed to you" in repr(explain_near_miss(alice_viewer, found))


def test_the_api(computed, alice_client, charlie_client, erin):
    pair = {"need": str(computed.public_id), "organization": str(erin[0].public_id)}
    body = alice_client.get(ABSENCE, pair).json()
    assert (body["side"], body["stage"]) == ("need", "below_cut")
    assert [verdict["passed"] for verdict in body["verdicts"]] == [True, True, True, True, False]
    near = alice_client.get(NEAR_MISS, pair).json()
    assert near["needed"] > 0
    assert near["ways"][0]["steps"]
    for path in (ABSENCE, NEAR_MISS):
        assert charlie_client.get(path, pair).status_code == 403
        assert Client().get(path, pair).status_code in {401, 403}
        assert list(charlie_client.get(path, {"need": "x"}).json()["fields"]) == ["need", "organization"]


def test_the_pages(computed, alice_client, charlie_client, erin, django_assert_max_num_queries):
    organization, _viewer = erin
    page = reverse("matching:need_absence", args=[computed.public_id])
    shown = alice_client.get(page, {"organization": str(organization.public_id)}).content.decode()
    near = reverse("matching:need_near_miss", args=[computed.public_id, organization.public_id])
    assert "ended here" in shown
    assert f'hx-get="{near}"' in shown
    assert "points are missing" in alice_client.get(near).content.decode()
    with django_assert_max_num_queries(60):
        part = alice_client.get(near, headers={"HX-Request": "true"}).content.decode()
    assert "ask for TRL" in part
    assert "<html" not in part
    assert charlie_client.get(near).status_code == 403


def test_every_search_for_a_way_in_is_counted(computed, alice_viewer, alice_client, erin, settings):
    settings.MATCHING_SEARCHES_PER_HOUR = 1
    find_near_miss(actor=alice_viewer, need=computed, organization=erin[0])
    with pytest.raises(TooMany) as refused:
        find_near_miss(actor=alice_viewer, need=computed, organization=erin[0])
    assert 0 < refused.value.retry_after <= 3600
    pair = {"need": str(computed.public_id), "organization": str(erin[0].public_id)}
    assert alice_client.get(NEAR_MISS, pair).status_code == 429
    page = reverse("matching:need_near_miss", args=[computed.public_id, erin[0].public_id])
    assert alice_client.get(page).status_code == 429


def test_an_organization_is_led_from_the_need_to_its_own_absence(charlie_works, computed, charlie_client):
    link = reverse("matching:need_absence", args=[computed.public_id])
    need = reverse("listings:need", args=[computed.public_id])
    matches = reverse("matching:need_matches", args=[computed.public_id])
    assert matches in charlie_client.get(need).content.decode()
    assert matches not in Client().get(need).content.decode()
    assert link in charlie_client.get(reverse("matching:need_matches", args=[computed.public_id])).content.decode()
    page = charlie_client.get(link).content.decode()
    assert "Charlie Works" in page
    assert "no open capability" in page
    assert "Name of the organization" not in page


def test_a_pair_that_matching_never_saw_has_no_ways(computed, alice_viewer, erin):
    Need.objects.filter(pk=computed.pk).update(status=Listing.Status.PAUSED)
    found = find_near_miss(actor=alice_viewer, need=computed, organization=erin[0])
    assert asdict(found) == asdict(engine.NearMiss("need"))
