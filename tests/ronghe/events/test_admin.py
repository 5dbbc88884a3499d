import pytest
from django.utils import timezone

from ronghe.events.models import Delivery, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(db):
    event = Event.objects.create(kind="listing.published", subject_type="listings.need", subject_id=7)
    return Delivery.objects.create(
        event=event, reader="matching", status=Delivery.Status.FAILED, attempts=8, due_at=timezone.now(), error="boom"
    )


@pytest.mark.parametrize(
    "address", ["event/", "event/?q=listing", "delivery/", "delivery/?q=boom&status__exact=failed"]
)
def test_the_outbox_is_listed_and_searched(curator_client, failed, address):
    response = curator_client.get(f"/admin/events/{address}")

    assert response.status_code == 200
    assert b"listing.published" in response.content


def test_one_event_is_shown_with_its_deliveries(curator_client, failed):
    response = curator_client.get(f"/admin/events/event/{failed.event_id}/change/")

    assert response.status_code == 200
    assert b"matching" in response.content


def test_failed_deliveries_are_sent_again_and_others_left_alone(curator_client, failed):
    event = Event.objects.create(kind="need.closed", subject_type="listings.need", subject_id=8)
    done = Delivery.objects.create(event=event, reader="matching", status="done", due_at=timezone.now())

    curator_client.post(
        "/admin/events/delivery/", {"action": "retry", "_selected_action": [failed.pk, done.pk]}, follow=True
    )

    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == ("pending", 0, "")
    assert done.status == "done"


@pytest.mark.parametrize("person", ["alice_client", "charlie_client", "client"])
def test_only_curators_read_it(person, failed, request):
    assert request.getfixturevalue(person).get("/admin/events/event/").status_code == 302
