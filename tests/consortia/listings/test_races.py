"""Many editors at once: one revision wins, the others are told, and nothing is mixed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.models import Need
from ronghe.common.errors import StaleEdit
from tests.consortia.listings.authoring import need_draft

THREADS = 16


@pytest.mark.django_db(transaction=True)
def test_one_of_many_revisions_of_a_version_is_saved(alice_viewer: Viewer, need: Need) -> None:
    start = Barrier(THREADS)

    def revise(number: int) -> str:
        try:
            mine = Need.objects.get(pk=need.pk)
            start.wait()
            draft = need_draft(title=f"Title {number}", summary=f"Summary {number}")
            services.revise_listing(actor=alice_viewer, listing=mine, draft=draft, expected_version=1)
        except StaleEdit:
            return ""
        else:
            return draft.title
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        saved = [title for title in pool.map(revise, range(THREADS)) if title]
    stored = Need.objects.get()
    assert saved == [stored.title]
    assert stored.summary == stored.title.replace("Title", "Summary")
    assert (stored.version, stored.uses.count(), stored.parameters.count()) == (2, 1, 1)
