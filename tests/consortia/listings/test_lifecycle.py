"""The lifecycle: every step from every state, what publishing asks for, expiry and its reminders."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.listings import services, tasks
from consortia.listings.lifecycle import TRANSITIONS, Step, allowed_steps
from consortia.listings.models import Capability, Listing, Need
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit
from ronghe.events.models import Event
from tests.consortia.listings.authoring import need_draft

STEPS: dict[Step, Callable[..., Listing]] = {
    Step.SUBMIT: services.submit_listing,
    Step.OPEN: services.open_listing,
    Step.PAUSE: services.pause_listing,
    Step.MATCH: services.mark_matched,
    Step.CLOSE: services.close_listing,
    Step.WITHDRAW: services.withdraw_listing,
    Step.RENEW: services.renew_listing,
}


def put_into(listing: Listing, status: str) -> None:
    today = timezone.localdate()
    Listing.objects.filter(pk=listing.pk).update(
        status=status, published_at=timezone.now(), valid_until=today + timedelta(days=100)
    )
    listing.refresh_from_db()


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize("status", Listing.Status.values)
@pytest.mark.parametrize("step", STEPS)
def test_step_is_taken_exactly_where_the_table_allows_it(
    alice_viewer: Viewer, need: Need, step: Step, status: str
) -> None:
    put_into(need, status)
    transition = TRANSITIONS[step]
    if status in transition.sources:
        STEPS[step](actor=alice_viewer, listing=need)
        assert kinds()[-1] == transition.event
        if transition.target:
            assert Need.objects.get().status == transition.target == need.status
    else:
        with pytest.raises(Conflict) as caught:
            STEPS[step](actor=alice_viewer, listing=need)
        assert caught.value.code == "illegal_transition"
        assert all(allowed in caught.value.message for allowed in allowed_steps(status))
        assert Need.objects.get().status == status


def test_publishing_dates_and_opens(alice_viewer: Viewer, need: Need) -> None:
    services.publish_need(actor=alice_viewer, need=need)
    stored = Need.objects.get()
    assert stored.status == "open"
    assert stored.published_at is not None
    assert stored.valid_until == timezone.localdate() + timedelta(days=365)
    assert kinds() == ["listing.drafted", "listing.published", "listing.opened"]
    published = Event.objects.get(kind="listing.published")
    assert (published.subject_type, published.subject_id) == ("listings.listing", need.pk)
    assert published.payload == {"side": "need", "organization": need.organization_id}


def test_publishing_without_opening(alice_viewer: Viewer, need: Need) -> None:
    services.publish_need(actor=alice_viewer, need=need, open_for_interest=False)
    assert Need.objects.get().status == "published"


def test_capability_is_published_too(open_capability: Capability) -> None:
    assert Capability.objects.get().status == "open"


def test_publishing_asks_for_text(alice_viewer: Viewer, alice_lab: Organization, taxonomy: None) -> None:
    draft = need_draft(summary="", description="")
    need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=draft)
    with pytest.raises(InvalidInput) as caught:
        services.publish_need(actor=alice_viewer, need=need)
    assert list(caught.value.fields) == ["summary"]
    assert Need.objects.get().status == "draft"


@pytest.mark.parametrize("barred", ["suspended"])
def test_barred_organization_does_not_publish(alice_viewer: Viewer, need: Need, barred: str) -> None:
    Organization.objects.filter(pk=need.organization_id).update(status=barred)
    with pytest.raises(Conflict) as caught:
        services.publish_need(actor=alice_viewer, need=need)
    assert caught.value.code == "organization_barred"
    assert Need.objects.get().status == "draft"


def test_charlie_moves_nothing(charlie_viewer: Viewer, need: Need, alice_viewer: Viewer) -> None:
    for viewer in (charlie_viewer, STRANGER):
        with pytest.raises(NotFound):
            services.publish_need(actor=viewer, need=need)
    services.publish_need(actor=alice_viewer, need=need)
    for viewer in (charlie_viewer, STRANGER):
        for step in STEPS.values():
            with pytest.raises(NotAllowed):
                step(actor=viewer, listing=need)
    assert Need.objects.get().status == "open"


def test_button_on_an_old_page_is_refused(alice_viewer: Viewer, bob_viewer: Viewer, open_need: Need) -> None:
    seen = open_need.version
    services.revise_listing(actor=bob_viewer, listing=Need.objects.get(), draft=need_draft(title="Changed meanwhile"))
    with pytest.raises(StaleEdit):
        services.close_listing(actor=alice_viewer, listing=open_need, expected_version=seen)
    assert Need.objects.get().status == "open"


def test_expiry_takes_what_has_run_out_and_renewal_opens_it_again(alice_viewer: Viewer, open_need: Need) -> None:
    Listing.objects.update(valid_until=timezone.localdate())
    assert services.expire_due_listings() == 0
    Listing.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    assert services.expire_due_listings() == 1
    assert services.expire_due_listings() == 0
    expired = Need.objects.get()
    assert expired.status == "expired"
    services.renew_listing(actor=alice_viewer, listing=expired)
    assert Need.objects.get().status == expired.status == "open"
    assert expired.valid_until == timezone.localdate() + timedelta(days=365)
    assert kinds()[-2:] == ["listing.expired", "listing.renewed"]


def test_renewal_never_shortens(alice_viewer: Viewer, open_need: Need) -> None:
    far = timezone.localdate() + timedelta(days=800)
    Listing.objects.update(valid_until=far)
    services.renew_listing(actor=alice_viewer, listing=open_need)
    assert Need.objects.get().valid_until == far


def test_each_reminder_comes_once_and_again_after_renewal(alice_viewer: Viewer, open_need: Need) -> None:
    today = timezone.localdate()

    def days_reminded() -> list[int]:
        services.remind_before_expiry()
        return [event.payload["days_left"] for event in Event.objects.filter(kind="listing.expiring").order_by("id")]

    Listing.objects.update(valid_until=today + timedelta(days=31))
    assert days_reminded() == []
    Listing.objects.update(valid_until=today + timedelta(days=30))
    assert days_reminded() == [30]
    assert days_reminded() == [30]
    Listing.objects.update(valid_until=today + timedelta(days=7))
    assert days_reminded() == [30, 7]
    services.renew_listing(actor=alice_viewer, listing=open_need)
    assert days_reminded() == [30, 7]
    Listing.objects.update(valid_until=today + timedelta(days=3))
    assert days_reminded() == [30, 7, 7]


def test_task_does_both(open_need: Need) -> None:
    Listing.objects.update(valid_until=timezone.localdate() + timedelta(days=2))
    tasks.expire_due()
    Listing.objects.update(valid_until=timezone.localdate() - timedelta(days=2))
    tasks.expire_due()
    assert kinds()[-2:] == ["listing.expiring", "listing.expired"]
