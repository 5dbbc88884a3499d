"""Exposure limits over a whole run: off by default, never exceeded, told on the run, the same after any kind of run."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models import Match, MatchDecision, MatchRun
from matching.selectors import current_matches
from matching.services import runs
from matching.services.absence import explain_absence
from matching.services.exposing import apply_exposure
from matching.services.runs import request_incremental_run
from tests.matching import world

LONG_AGO = timezone.now() - timedelta(days=1000)


@pytest.fixture
def crowd(taxonomy, alice_viewer, alice_lab, settings) -> list[Need]:
    """Three needs, and four organizations of which the same two are best for each; a list has two places."""
    settings.MATCHING_TOP_K = 2
    for place, name in enumerate(("Dora Powders", "Erin Powders", "Finn Powders", "Gail Powders")):
        organization, viewer = world.make_owner(name)
        world.publish_capability(viewer, organization, trl_high=8 - place, trl_low=4)
    Organization.objects.update(created_at=LONG_AGO)
    return [world.publish_need(alice_viewer, alice_lab, title=f"Sulfide electrolyte {number}") for number in range(3)]


@pytest.fixture
def decide(crowd, curator):
    """Let a curator pin or demote the organization of this name for a need."""

    def decided(need: Need, name: str, kind: str) -> None:
        organization = Organization.objects.get(display_name__startswith=name)
        MatchDecision.objects.create(need=need, organization=organization, kind=kind, reason="x", decided_by=curator)

    return decided


def shown(viewer) -> dict[int, list[str]]:
    """The lists that people read."""
    lists: dict[int, list[str]] = {}
    for match in current_matches(viewer).order_by("need_id", "rank"):
        lists.setdefault(match.need_id, []).append(str(match.organization).split()[0])
    return lists


def test_without_limits_nothing_is_withheld_and_nothing_is_noted(crowd, alice_viewer):
    run = world.recompute()
    run.refresh_from_db()
    assert list(shown(alice_viewer).values()) == [["Dora", "Erin"]] * 3
    assert (run.figures, Match.objects.count()) == ({}, 6)


def test_nobody_is_in_more_lists_than_allowed_and_others_move_up(crowd, alice_viewer, settings):
    settings.MATCHING_MOST_LISTS = 2
    run = world.recompute()
    run.refresh_from_db()
    lists = shown(alice_viewer)
    assert max(Counter(name for names in lists.values() for name in names).values()) == 2
    assert [len(names) for names in lists.values()] == [2, 2, 2]
    assert run.figures["lists_changed"] == 1
    assert run.figures["points_lost"] > 0
    assert run.figures["most_lists"] == 2
    for match in Match.objects.all():
        assert sum(item["points"] for item in match.contributions) == pytest.approx(match.score)


def test_newcomers_get_labelled_places(crowd, alice_viewer, alice_client, settings):
    settings.MATCHING_NEWCOMER_PLACES = 1
    Organization.objects.filter(display_name__startswith="Gail").update(created_at=timezone.now())
    run = world.recompute()
    run.refresh_from_db()
    assert list(shown(alice_viewer).values()) == [["Dora", "Gail"]] * 3
    assert run.figures["newcomer_places"] == 3
    found = alice_client.get("/api/v1/matches/", {"need": str(crowd[0].public_id)}).json()["results"]
    assert [item["is_newcomer_place"] for item in found] == [False, True]
    assert "newcomer's place" in alice_client.get(f"/matches/needs/{crowd[0].public_id}/").content.decode()


def test_whoever_was_imported_is_no_newcomer(crowd, alice_viewer, settings):
    settings.MATCHING_NEWCOMER_PLACES = 1
    gail = Organization.objects.get(display_name__startswith="Gail")
    gail.memberships.all().delete()
    Organization.objects.filter(pk=gail.pk).update(created_at=timezone.now())
    world.recompute()
    assert list(shown(alice_viewer).values()) == [["Dora", "Erin"]] * 3


def test_an_incremental_run_gives_the_lists_of_a_full_one(crowd, alice_viewer, settings):
    settings.MATCHING_MOST_LISTS = 2
    settings.MATCHING_BLOCK_SIZE = 1
    world.recompute()
    full = shown(alice_viewer)
    world.recompute(request_incremental_run(reason="test", need_ids=[crowd[1].pk]))
    assert shown(alice_viewer) == full
    Match.objects.update(exposure="")
    world.recompute(request_incremental_run(reason="test", need_ids=[crowd[2].pk]))
    assert shown(alice_viewer) == full


def test_switched_off_again_the_lists_are_as_before(crowd, alice_viewer, settings):
    world.recompute()
    before = shown(alice_viewer)
    settings.MATCHING_MOST_LISTS = 1
    world.recompute()
    assert shown(alice_viewer) != before
    settings.MATCHING_MOST_LISTS = 0
    world.recompute()
    assert shown(alice_viewer) == before
    assert not Match.objects.exclude(exposure="").exists()


def test_what_a_curator_pinned_stays_on_top(crowd, alice_viewer, settings, decide):
    settings.MATCHING_MOST_LISTS = 1
    for need in crowd:
        decide(need, "Dora", MatchDecision.Kind.PIN)
    world.recompute()
    assert [names[0] for names in shown(alice_viewer).values()] == ["Dora"] * 3


def test_pins_take_places(crowd, alice_viewer, settings, decide):
    settings.MATCHING_MOST_LISTS = 3
    for need in crowd:
        decide(need, "Gail", MatchDecision.Kind.PIN)
    world.recompute()
    assert list(shown(alice_viewer).values()) == [["Gail", "Dora"]] * 3


def test_pins_count_towards_the_lists_of_an_organization(crowd, alice_viewer, settings, decide):
    settings.MATCHING_MOST_LISTS = 1
    decide(crowd[2], "Dora", MatchDecision.Kind.PIN)
    run = world.recompute()
    run.refresh_from_db()
    lists = shown(alice_viewer)
    assert [need for need, names in lists.items() if "Dora" in names] == [crowd[2].pk]
    assert run.figures["most_lists"] == 1


@pytest.mark.parametrize("kind", [MatchDecision.Kind.PIN, MatchDecision.Kind.DEMOTE])
def test_a_decision_stands_above_what_limits_have_made_of_a_match(crowd, alice_viewer, settings, decide, kind):
    settings.MATCHING_MOST_LISTS = 2
    world.recompute()
    withheld = Match.objects.filter(exposure=Match.Exposure.WITHHELD).select_related("organization", "need").first()
    name = str(withheld.organization).split()[0]
    decide(withheld.need, name, kind)
    world.recompute(request_incremental_run(reason="test", need_ids=[withheld.need_id]))
    withheld.refresh_from_db()
    assert withheld.exposure == Match.Exposure.BY_RANK
    assert (name in shown(alice_viewer)[withheld.need_id]) == (kind == MatchDecision.Kind.PIN)


def test_who_is_demoted_stays_in_a_list_with_room_for_all(crowd, alice_viewer, settings, decide):
    settings.MATCHING_TOP_K, settings.MATCHING_MOST_LISTS = 4, 2
    for need in crowd:
        decide(need, "Dora", MatchDecision.Kind.DEMOTE)
    world.recompute()
    assert [names[-1] for names in shown(alice_viewer).values()] == ["Dora"] * 3


def test_without_limits_a_run_looks_at_no_match_that_limits_left_alone(crowd):
    run = world.recompute()
    with CaptureQueriesContext(connection) as queries:
        apply_exposure(run)
    [statement] = [query["sql"] for query in queries if '"matching_match"' in query["sql"]]
    plan = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows are read whole otherwise.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(plan + statement)
        assert "matching_match_exposed" in str(cursor.fetchall())


def test_who_comes_late_to_end_a_run_leaves_the_lists_of_the_next_alone(crowd, alice_viewer, settings):
    """A worker that saw no block left before another one ended the run."""
    late = world.recompute()
    settings.MATCHING_MOST_LISTS = 1
    following = runs.request_full_run(reason="test")
    runs.take_step(hand_out=lambda _block: False)
    before = world.lists(), shown(alice_viewer)
    late.refresh_from_db()
    late.status = MatchRun.Status.MATCHING
    assert not runs._go_on_matching(late, lambda _block: False)
    late.refresh_from_db()
    following.refresh_from_db()
    assert (late.status, late.figures, following.status) == (MatchRun.Status.DONE, {}, MatchRun.Status.MATCHING)
    assert (world.lists(), shown(alice_viewer)) == before
    assert not Match.objects.exclude(exposure="").exists()


def test_who_is_withheld_hears_why(crowd, alice_viewer, settings):
    settings.MATCHING_MOST_LISTS = 2
    world.recompute()
    withheld = Match.objects.filter(exposure=Match.Exposure.WITHHELD).first()
    absence = explain_absence(actor=alice_viewer, need=withheld.need, organization=withheld.organization)
    assert absence.stage == "below_cut"
    assert [reason["code"] for reason in absence.reasons] == ["withheld"]
    assert [verdict.passed for verdict in absence.verdicts] == [True, True, True, True, False]


def test_the_run_tells_the_cost_to_curators(crowd, curator_client, settings):
    settings.MATCHING_MOST_LISTS = 1
    world.recompute()
    assert "Exposure changed" in curator_client.get("/matches/runs/").content.decode()
    assert curator_client.get("/api/v1/match-runs/").json()["results"][0]["figures"]["points_lost"] > 0
    assert curator_client.get("/admin/matching/matchrun/").status_code == 200
