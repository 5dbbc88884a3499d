"""Pages of matching: what each side reads and does, and that nobody else sees any of it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consortia.disclosure.models import Tier
from consortia.evidence.models import Experience, Participation
from consortia.listings.models import Listing
from consortia.organizations.models import OrganizationName
from matching.models import Introduction, Match, MatchRun
from matching.services import runs
from matching.services.answers import answer_match
from tests.matching import world


def address(name: str, *arguments: object) -> str:
    return reverse(f"matching:{name}", args=arguments)


def text_of(response) -> str:
    """The page as plain words."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def known_by_name(*organizations) -> None:
    """Let organizations be found by what they are called."""
    for organization in organizations:
        name = organization.display_name
        OrganizationName.objects.create(organization=organization, kind="official", text=name, folded=name.lower())


def test_the_inbox_of_the_need_s_side(match, alice_client, need):
    page = text_of(alice_client.get(address("inbox")))
    assert need.title in page
    assert "Alice Lab asks, Dora Materials could answer" in page
    assert "works on" in page
    assert "Last computed" in page


def test_the_inbox_of_the_organization(match, dora_client, need):
    assert need.title in text_of(dora_client.get(address("inbox")))


def test_an_empty_inbox_says_what_to_do(match, charlie_client, need):
    page = text_of(charlie_client.get(address("inbox")))
    assert "No matches yet" in page
    assert need.title not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("side=need", True),
        ("side=organization", False),
        ("answer=new", True),
        ("answer=declined", False),
        ("side=x", False),
    ],
)
def test_the_inbox_is_filtered(match, alice_client, need, query, found):
    response = alice_client.get(f"{address('inbox')}?{query}")
    assert response.status_code == 200
    assert (address("match", match.public_id) in response.content.decode()) == found


def test_declined_matches_are_found_again_by_their_answer(match, alice_client, alice_viewer):
    answer_match(actor=alice_viewer, match=match, answer="declined", reason="x")
    link = address("match", match.public_id)
    assert link not in alice_client.get(address("inbox")).content.decode()
    assert link in alice_client.get(f"{address('inbox')}?answer=declined").content.decode()


@pytest.mark.parametrize("name", ["inbox", "runs"])
def test_strangers_are_sent_to_sign_in(db, name):
    response = Client().get(address(name))
    assert response.status_code == 302
    assert "/accounts/login/" in response.url


def test_the_list_of_a_need(match, alice_client, need):
    page = text_of(alice_client.get(address("need_matches", need.public_id)))
    assert "Dora Materials" in page
    assert "Why is somebody not in this list?" in page


def test_the_list_of_a_need_as_a_fragment(match, alice_client, need):
    response = alice_client.get(address("need_matches", need.public_id), headers={"HX-Request": "true"})
    assert "Dora Materials" in response.content.decode()
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_the_list_of_a_need_fetches_itself_until_a_run_has_read_the_need(alice_client, need):
    need.published_at = timezone.now()
    need.save()
    fetches = 'hx-trigger="every 2s"'
    assert fetches in alice_client.get(address("need_matches", need.public_id)).content.decode()
    MatchRun.objects.create(
        status=MatchRun.Status.DONE, started_at=timezone.now(), finished_at=timezone.now(), as_of=timezone.now()
    )
    assert fetches not in alice_client.get(address("need_matches", need.public_id)).content.decode()


def test_others_find_the_list_of_a_need_empty(match, charlie_client, need):
    page = text_of(charlie_client.get(address("need_matches", need.public_id)))
    assert "Dora Materials" not in page
    assert "Why is somebody" not in page


def test_the_needs_that_an_organization_could_answer(match, dora_client, charlie_client, need, dora_materials):
    link = address("organization_matches", dora_materials[0].public_id)
    assert need.title in text_of(dora_client.get(link))
    assert need.title not in text_of(charlie_client.get(link))


def test_the_needs_that_a_capability_could_serve(match, dora_client, alice_client, charlie_client, need, capability):
    link = address("capability_matches", capability.public_id)
    page = text_of(dora_client.get(link))
    assert need.title in page
    assert "R&amp;D problem" in page
    part = dora_client.get(link, headers={"HX-Request": "true"}).content.decode()
    assert need.title in part
    assert "<html" not in part
    assert need.title not in text_of(charlie_client.get(link))
    assert link in dora_client.get(reverse("listings:capability", args=[capability.public_id])).content.decode()


def test_another_capability_of_the_organization_serves_other_needs(match, dora_client, dora_materials, need):
    organization, viewer = dora_materials
    other = world.publish_capability(viewer, organization, title="Baroque oboe", summary="Reeds.", technologies=[])
    world.recompute()
    assert "No needs yet" in text_of(dora_client.get(address("capability_matches", other.public_id)))


def test_a_match_shows_its_waterfall_and_is_seen(match, alice_client, capability):
    response = alice_client.get(address("match", match.public_id))
    page = text_of(response)
    assert "Where the points come from" in page
    assert "TRL 6–8 covers the target, 7." in page
    assert capability.title in page
    assert "What is not known" in page
    assert response.content.decode().count("<rect") == 3 * len(match.contributions)
    match.refresh_from_db()
    assert match.need_answer == Match.Answer.SEEN


def test_a_match_quotes_what_its_records_say(match, alice_client, charlie_client, capability):
    page = alice_client.get(address("match", match.public_id)).content.decode()
    assert "<mark>Sulfide electrolyte powder</mark>" in page
    quote = alice_client.get(f"/api/v1/matches/{match.public_id}/").json()["supporting"][0]["quote"]
    assert "".join(fragment["text"] for fragment in quote["fragments"]) == capability.title
    assert not quote["by_meaning"]


def test_the_call_of_a_past_project_is_quoted_as_what_it_is(alice_client, alice_viewer, alice_lab, dora_materials):
    call = "HORIZON-CL4-2023-DIGITAL-EMERGING-01-12"
    project = Experience.objects.create(title="Unlike anything", abstract="Nothing alike.", call=call, language="en")
    Participation.objects.create(experience=project, organization=dora_materials[0])
    world.publish_need(alice_viewer, alice_lab, title="Emerging digital", summary=f"For {call}.", technologies=[])
    world.recompute()
    match = Match.objects.get(organization=dora_materials[0])
    quote = alice_client.get(f"/api/v1/matches/{match.public_id}/").json()["supporting"][0]["quote"]
    assert "".join(fragment["text"] for fragment in quote["fragments"]) == f"Call: {call}"


@pytest.mark.parametrize("hidden", [{"summary": Tier.MATCHED}, {"organization": Tier.MATCHED}])
def test_a_match_quotes_nothing_that_is_hidden(match, alice_client, capability, hidden):
    secret = "Sulfide electrolyte for solid-state batteries that survives a thousand cycles as whispered."
    Listing.objects.filter(pk=capability.pk).update(summary=secret, disclosure=hidden)
    page = alice_client.get(address("match", match.public_id)).content.decode()
    assert "whispered" not in page
    assert ("<blockquote" in page) == (capability.title in page)


def test_bars_are_drawn_with_points_whatever_the_language(match, alice_client, settings):
    alice_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = alice_client.get(address("match", match.public_id)).content.decode()
    widths = [float(width) for width in re.findall(r'width="([^"%]+)" height="6" fill="var\(--tblr-primary\)"', page)]
    assert sum(widths) == pytest.approx(match.score)


@pytest.mark.parametrize("who", ["charlie", "stranger"])
def test_nobody_else_sees_a_match(match, charlie_client, who, need):
    client = charlie_client if who == "charlie" else Client()
    for method, name in (("get", "match"), ("post", "match_answer"), ("post", "match_contracted")):
        response = getattr(client, method)(address(name, match.public_id))
        assert response.status_code == (404 if who == "charlie" else 302)
        assert need.title not in response.content.decode()
        assert "Dora" not in response.content.decode()
    match.refresh_from_db()
    assert (match.need_answer, match.organization_answer) == ("new", "new")


def test_the_organization_sees_a_match_only_while_the_need_is_published(match, dora_client, need):
    Listing.objects.filter(pk=need.pk).update(status=Listing.Status.WITHDRAWN)
    assert dora_client.get(address("match", match.public_id)).status_code == 404


def test_who_was_introduced_keeps_the_match(match, dora_client, need, alice_viewer, dora_viewer):
    for viewer in (alice_viewer, dora_viewer):
        answer_match(actor=viewer, match=match, answer="interested")
    Listing.objects.filter(pk=need.pk).update(status=Listing.Status.CLOSED)
    assert "Introduction" in text_of(dora_client.get(address("match", match.public_id)))


def test_an_asker_that_nobody_may_know_of_is_not_shown(match, dora_client, alice_lab):
    type(alice_lab).objects.filter(pk=alice_lab.pk).update(status="pending")
    assert dora_client.get(address("match", match.public_id)).status_code == 404


def test_an_asker_that_hides_its_name(match, dora_client, need):
    Listing.objects.filter(pk=need.pk).update(disclosure={"organization": Tier.MATCHED})
    for name, argument in (("match", match.public_id), ("inbox", None)):
        page = text_of(dora_client.get(address(name, *([argument] if argument else []))))
        assert "Alice Lab" not in page
        assert "an organization that is not disclosed to you" in page


def test_answering(match, alice_client, dora_client):
    link = address("match_answer", match.public_id)
    response = alice_client.post(link, {"answer": "interested", "side": "need"})
    assert response.url == address("match", match.public_id)
    dora_client.post(link, {"answer": "interested", "side": "organization"})
    page = text_of(alice_client.get(response.url))
    assert "Both sides are interested." in page
    assert "respond by" in page
    assert "Introductions that wait for a response" in text_of(alice_client.get(address("inbox")))
    alice_client.post(address("match_contracted", match.public_id), {"side": "need"})
    assert "A contract was reported" in text_of(alice_client.get(response.url))


def test_a_refusal_without_a_reason_comes_back_with_what_is_missing(match, alice_client):
    response = alice_client.post(address("match_answer", match.public_id), {"answer": "declined", "side": "need"})
    page = response.content.decode()
    assert response.status_code == 400
    assert "<details open>" in page
    assert 'aria-invalid="true"' in page
    match.refresh_from_db()
    assert match.need_answer != Match.Answer.DECLINED


def test_what_was_typed_is_kept_when_the_service_refuses_it(match, alice_client):
    given = {"answer": "declined", "side": "need", "reason": "Too far\x07 away"}
    response = alice_client.post(address("match_answer", match.public_id), given)
    assert response.status_code == 400
    assert "Too far" in text_of(response)
    assert "is not text" in text_of(response)


def test_nobody_answers_for_the_other_side(match, alice_client):
    given = {"answer": "declined", "side": "organization", "reason": "x"}
    assert alice_client.post(address("match_answer", match.public_id), given).status_code == 403


def test_declining(match, alice_client):
    given = {"answer": "declined", "side": "need", "reason": "Too far away"}
    page = text_of(alice_client.post(address("match_answer", match.public_id), given, follow=True))
    assert "Too far away" in page
    assert "declined" in page


def test_a_button_that_comes_too_late_says_so(match, alice_client):
    link = address("match", match.public_id)
    response = alice_client.post(
        address("match_answer", match.public_id),
        {"answer": "contacted", "side": "need"},
        headers={"Referer": f"http://testserver{link}"},
        follow=True,
    )
    assert "cannot become" in text_of(response)


def test_why_is_somebody_not_in_the_list(charlie_works, match, alice_client, need, alice_lab, dora_materials):
    known_by_name(charlie_works, dora_materials[0])
    link = address("need_absence", need.public_id)
    assert "Name of the organization" in text_of(alice_client.get(link))
    assert "no open capability, no facility and no past project" in text_of(alice_client.get(link, {"name": "Charlie"}))
    assert "It is the organization that has the need." in text_of(
        alice_client.get(link, {"organization": str(alice_lab.public_id)})
    )
    assert "It stands at place 1." in text_of(alice_client.get(link, {"name": "Dora"}))
    assert "No organization bears this name" in text_of(alice_client.get(link, {"name": "Zebra"}))


def test_who_is_below_the_cut_sees_the_waterfall(need, capability, alice_client, settings):
    settings.MATCHING_TOP_K = 1
    organization, viewer = world.make_owner("Erin Oxides")
    known_by_name(organization)
    world.publish_capability(viewer, organization, title="Oxide sheets", technologies=[], parameters=[])
    world.recompute()
    page = text_of(alice_client.get(address("need_absence", need.public_id), {"name": "Erin"}))
    assert "Others fit better." in page
    assert "It stands at place 2 with" in page
    assert "Points" in page


def test_several_namesakes_are_offered_for_choice(match, alice_client, need):
    for number in range(2):
        known_by_name(world.make_owner(f"Erin{number} Oxides")[0])
    page = text_of(alice_client.get(address("need_absence", need.public_id), {"name": "oxides"}))
    assert "Which one do you mean?" in page
    assert "Erin0 Oxides" in page


def test_only_the_need_s_side_asks_why_others_are_missing(match, need, charlie_client, dora_client, dora_materials):
    known_by_name(dora_materials[0], need.organization)
    for client, name in ((charlie_client, "Dora"), (dora_client, "Alice")):
        response = client.get(address("need_absence", need.public_id), {"name": name})
        assert response.status_code == 403
        assert "stands at place" not in text_of(response)


def test_absence_before_the_first_recompute(need, alice_client, charlie_works):
    response = alice_client.get(address("need_absence", need.public_id), {"organization": str(charlie_works.public_id)})
    assert response.status_code == 409
    assert "are being computed" in text_of(response)


def test_curators_look_after_runs(run, curator_client, curator_viewer):
    page = text_of(curator_client.get(address("runs")))
    assert "1 of 1 needs" in page
    curator_client.post(address("run_start"))
    waiting = MatchRun.objects.get(status="queued")
    row = curator_client.get(address("run", waiting.public_id)).content.decode()
    assert 'hx-trigger="every 2s"' in row
    curator_client.post(address("run_cancel", waiting.public_id))
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"
    assert "hx-trigger" not in curator_client.get(address("run", waiting.public_id)).content.decode()
    curator_client.post(address("run_retry", waiting.public_id))
    assert MatchRun.objects.filter(status="queued").exists()


def test_a_run_at_work_shows_its_stage(db, curator_client):
    run = runs.request_full_run(reason="x")
    MatchRun.objects.update(status="indexing", stage="encode", stage_done=1200, stage_total=5000, error="<b>")
    page = curator_client.get(address("run", run.public_id)).content.decode()
    assert "1,200 / 5,000" in page
    assert "<b>" not in page


def test_only_curators_look_after_runs(run, alice_client):
    assert alice_client.get(address("runs")).status_code == 403
    assert alice_client.get(address("run", run.public_id)).status_code == 403
    for name, arguments in (("run_start", []), ("run_cancel", [run.public_id]), ("run_retry", [run.public_id])):
        assert alice_client.post(address(name, *arguments)).status_code == 403
    assert MatchRun.objects.count() == 1


def test_pages_need_a_bounded_number_of_queries(match, need, alice_client, django_assert_max_num_queries):
    for number in range(6):
        organization, viewer = world.make_owner(f"Body{number} Works")
        world.publish_capability(viewer, organization)
    world.recompute()
    with django_assert_max_num_queries(24):
        alice_client.get(address("need_matches", need.public_id))


def test_lapsed_introductions_are_told(match, alice_client, alice_viewer, dora_viewer):
    for viewer in (alice_viewer, dora_viewer):
        answer_match(actor=viewer, match=match, answer="interested")
    Introduction.objects.update(status="lapsed", respond_by=timezone.now())
    page = text_of(alice_client.get(address("match", match.public_id)))
    assert "lapsed" in page
    assert "respond by" not in page
