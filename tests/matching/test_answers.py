"""What the two sides say, the introduction that follows, and who may say it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consortia.disclosure.models import DisclosureGrant, Reveal, Tier
from consortia.disclosure.policies import highest_tier
from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.listings.disclosed import view_of
from consortia.listings.selectors import capability_for
from consortia.organizations.models import Membership
from matching.models import Introduction, Match, MatchFeedback
from matching.services.answers import answer_match, lapse_introductions, mark_contracted, mark_seen
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ronghe.events.models import Event
from tests.cast import make_user, viewer_of

Answer = Match.Answer


def both_interested(match: Match, one: Viewer, other: Viewer) -> Introduction:
    answer_match(actor=one, match=match, answer=Answer.INTERESTED)
    answer_match(actor=other, match=match, answer=Answer.INTERESTED)
    return Introduction.objects.get(match=match)


def test_each_side_answers_for_itself(match, alice_viewer, dora_viewer):
    answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED)
    answer_match(actor=dora_viewer, match=match, answer=Answer.DECLINED, reason="No capacity")
    match.refresh_from_db()
    assert (match.need_answer, match.organization_answer) == (Answer.INTERESTED, Answer.DECLINED)
    assert match.organization_decline_reason == "No capacity"
    outcomes = MatchFeedback.objects.order_by("pk").values_list("outcome", "party", "reason", "score")
    assert list(outcomes) == [
        ("interested", "need", "", match.score),
        ("declined", "organization", "No capacity", match.score),
    ]
    assert MatchFeedback.objects.first().contributions == match.contributions


@pytest.mark.parametrize("who", ["charlie", "stranger"])
def test_others_find_no_match_to_answer(match, who, charlie_viewer):
    actor = charlie_viewer if who == "charlie" else STRANGER
    with pytest.raises(NotFound):
        answer_match(actor=actor, match=match, answer=Answer.INTERESTED)
    with pytest.raises(NotFound):
        mark_contracted(actor=actor, match=match)


def test_members_without_the_right_to_write_do_not_answer(match, alice_lab, curator_viewer):
    reader = make_user("reader@example.com")
    Membership.objects.create(organization=alice_lab, user=reader, role=Membership.Role.VIEWER)
    for actor in (viewer_of(reader), curator_viewer):
        with pytest.raises(NotAllowed):
            answer_match(actor=actor, match=match, answer=Answer.INTERESTED)


def test_who_belongs_to_both_sides_says_for_which(match, alice, alice_lab, dora_materials):
    Membership.objects.create(organization=dora_materials[0], user=alice, role=Membership.Role.EDITOR)
    both = viewer_of(alice)
    with pytest.raises(InvalidInput) as refused:
        answer_match(actor=both, match=match, answer=Answer.INTERESTED)
    assert "side" in refused.value.fields
    answer_match(actor=both, match=match, answer=Answer.INTERESTED, side="organization")
    match.refresh_from_db()
    assert (match.need_answer, match.organization_answer) == (Answer.NEW, Answer.INTERESTED)


def test_nobody_answers_for_the_other_side(match, alice_viewer):
    with pytest.raises(NotAllowed):
        answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED, side="organization")


@pytest.mark.parametrize(
    ("answer", "reason", "field"),
    [
        ("declined", "", "reason"),
        ("declined", "x" * 501, "reason"),
        ("declined", "a\x00b", "reason"),
        ("maybe", "", "answer"),
    ],
)
def test_bad_answers_name_the_field_and_change_nothing(match, alice_viewer, answer, reason, field):
    with pytest.raises(InvalidInput) as refused:
        answer_match(actor=alice_viewer, match=match, answer=answer, reason=reason)
    assert list(refused.value.fields) == [field]
    match.refresh_from_db()
    assert match.need_answer == Answer.NEW
    assert not MatchFeedback.objects.exists()


def test_answers_follow_one_another(match, alice_viewer):
    with pytest.raises(Conflict):
        answer_match(actor=alice_viewer, match=match, answer=Answer.CONTACTED)
    answer_match(actor=alice_viewer, match=match, answer=Answer.DECLINED, reason="x")
    with pytest.raises(Conflict):
        answer_match(actor=alice_viewer, match=match, answer=Answer.SEEN)
    answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED)
    match.refresh_from_db()
    assert (match.need_answer, match.need_decline_reason) == (Answer.INTERESTED, "")


def test_the_same_answer_twice_is_one(match, alice_viewer):
    for _ in range(2):
        answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED)
    assert MatchFeedback.objects.count() == Event.objects.filter(kind="match.interested").count() == 1


def test_a_match_that_left_its_list_meanwhile(match, alice_viewer):
    Match.objects.all().delete()
    with pytest.raises(NotFound):
        answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED)


def test_seen_is_noted_for_those_who_may_answer(match, alice_viewer, charlie_viewer, curator_viewer):
    for viewer in (charlie_viewer, curator_viewer, STRANGER):
        mark_seen(viewer=viewer, match=match)
    match.refresh_from_db()
    assert (match.need_answer, match.organization_answer) == (Answer.NEW, Answer.NEW)
    mark_seen(viewer=alice_viewer, match=match)
    match.refresh_from_db()
    assert (match.need_answer, match.organization_answer) == (Answer.SEEN, Answer.NEW)


def test_an_introduction_opens_what_both_disclose_to_matched_partners(
    match, capability, alice_viewer, dora_viewer, alice_lab, dora_materials, settings
):
    dora_id = dora_materials[0].pk
    assert highest_tier(alice_viewer, dora_id) == Tier.MEMBERS
    introduction = both_interested(match, alice_viewer, dora_viewer)
    left = introduction.respond_by - timezone.now()
    assert timedelta(days=settings.MATCHING_RESPONSE_DAYS - 1) < left <= timedelta(days=settings.MATCHING_RESPONSE_DAYS)
    assert highest_tier(alice_viewer, dora_id) == highest_tier(dora_viewer, alice_lab.pk) == Tier.MATCHED
    assert DisclosureGrant.objects.filter(reason="introduction").count() == 2
    assert list(Event.objects.filter(kind="introduction.opened").values_list("payload__asking", flat=True)) == [
        alice_lab.pk
    ]
    shown = view_of(alice_viewer, capability_for(alice_viewer, capability.public_id), surface=Reveal.Surface.PAGE)
    assert shown.parameters
    reveal = Reveal.objects.get(viewer_id=alice_viewer.user_id)
    assert (reveal.owner_id, reveal.tier) == (dora_id, Tier.MATCHED)
    assert {"parameters", "price"} <= set(reveal.fields)


def test_charlie_gains_nothing_from_the_introduction_of_others(
    match, alice_viewer, dora_viewer, charlie_viewer, dora_materials
):
    both_interested(match, alice_viewer, dora_viewer)
    assert highest_tier(charlie_viewer, dora_materials[0].pk) == Tier.MEMBERS


def test_interest_of_one_side_opens_nothing(match, alice_viewer):
    answer_match(actor=alice_viewer, match=match, answer=Answer.INTERESTED)
    assert not Introduction.objects.exists()
    assert not DisclosureGrant.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_both_sides_at_the_same_moment_are_introduced_once(match, alice_viewer, dora_viewer):
    barrier = threading.Barrier(2)
    faults: list[Exception] = []

    def say(viewer: Viewer) -> None:
        try:
            barrier.wait()
            answer_match(actor=viewer, match=match, answer=Answer.INTERESTED)
        except Exception as error:  # noqa: BLE001  # told below
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=[viewer]) for viewer in (alice_viewer, dora_viewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Introduction.objects.count() == 1
    assert MatchFeedback.objects.filter(outcome="introduced").count() == 1


@pytest.mark.parametrize(("answer", "reason"), [("contacted", ""), ("declined", "Not now")])
def test_a_response_stops_the_clock(match, alice_viewer, dora_viewer, answer, reason):
    both_interested(match, alice_viewer, dora_viewer)
    answer_match(actor=dora_viewer, match=match, answer=answer, reason=reason)
    introduction = Introduction.objects.get()
    assert introduction.status == Introduction.Status.ANSWERED
    assert introduction.answered_at is not None


def test_introductions_lapse_when_nobody_responds(match, alice_viewer, dora_viewer):
    both_interested(match, alice_viewer, dora_viewer)
    assert lapse_introductions() == 0
    Introduction.objects.update(respond_by=timezone.now() - timedelta(seconds=1))
    assert lapse_introductions() == 1
    assert lapse_introductions() == 0
    assert Introduction.objects.get().status == Introduction.Status.LAPSED
    assert Event.objects.filter(kind="introduction.lapsed").count() == 1


def test_a_contract_needs_an_introduction_and_is_kept_once(match, alice_viewer, dora_viewer):
    with pytest.raises(Conflict):
        mark_contracted(actor=alice_viewer, match=match)
    both_interested(match, alice_viewer, dora_viewer)
    first = mark_contracted(actor=alice_viewer, match=match)
    assert mark_contracted(actor=dora_viewer, match=match) == first
    assert (first.outcome, first.party) == ("contracted", "need")
