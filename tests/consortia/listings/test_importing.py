"""Imports: idempotent, complete, and not stopped by a bad row."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.drafts import NeedDraft
from consortia.listings.models import Capability, Need
from consortia.organizations.models import Organization
from ronghe.events.models import Event
from tests.consortia.listings.authoring import ENERGY_DENSITY, capability_draft, need_draft

pytestmark = pytest.mark.usefixtures("taxonomy")


def rows(count: int, **changes: Any) -> list[NeedDraft]:
    return [need_draft(source_id=f"T-{number}", title=f"Topic {number}", **changes) for number in range(count)]


def test_everything_is_open_at_once(alice_lab: Organization) -> None:
    done = services.import_needs(organization=alice_lab, drafts=rows(3), source="calls")
    assert (done.created, done.updated, done.unchanged, done.problems) == (3, 0, 0, [])
    assert done.ids == dict(Need.objects.values_list("source_id", "pk"))
    assert set(Need.objects.values_list("status", "source")) == {("open", "calls")}
    assert Event.objects.filter(kind="listing.opened").count() == 3


def test_second_time_changes_nothing(alice_lab: Organization) -> None:
    first = services.import_needs(organization=alice_lab, drafts=rows(3), source="calls")
    before = Event.objects.count()
    second = services.import_needs(organization=alice_lab, drafts=rows(3), source="calls")
    assert (second.created, second.updated, second.unchanged) == (0, 0, 3)
    assert second.ids == first.ids
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Another summary."},
        {"deadline": date(2031, 1, 1)},
        {"technologies": []},
        {"parameters": [replace(ENERGY_DENSITY, value=310)]},
        {"parameters": [replace(ENERGY_DENSITY, labels={"en": "Specific energy"})]},
        {"interfaces": []},
        {"translations": []},
        {"valid_until": date(2031, 1, 1)},
    ],
)
def test_what_changed_in_the_source_is_revised(alice_lab: Organization, change: dict[str, Any]) -> None:
    services.import_needs(organization=alice_lab, drafts=rows(2), source="calls")
    changed = [replace(rows(2)[0], **change), rows(2)[1]]
    done = services.import_needs(organization=alice_lab, drafts=changed, source="calls")
    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    assert Event.objects.filter(kind="listing.revised").count() == 1
    again = services.import_needs(organization=alice_lab, drafts=changed, source="calls")
    assert again.unchanged == 2


def test_neither_the_order_of_languages_nor_the_type_of_a_number_is_a_change(alice_lab: Organization) -> None:
    one = replace(ENERGY_DENSITY, value=300, conditions={"zh-Hans": "25 ℃", "en": "at 25 °C"})
    other = replace(ENERGY_DENSITY, value=300.0, conditions={"en": "at 25 °C", "zh-Hans": "25 ℃"})
    services.import_needs(organization=alice_lab, drafts=rows(1, parameters=[one]), source="calls")
    again = services.import_needs(organization=alice_lab, drafts=rows(1, parameters=[other]), source="calls")
    assert (again.updated, again.unchanged) == (0, 1)


def test_bad_rows_are_named_and_left_out(alice_lab: Organization) -> None:
    good, *others = rows(5)
    bad = [
        replace(others[0], trl_low=11),
        replace(others[1], title="  "),
        replace(others[2], source_id=""),
        replace(others[3], source_id=good.source_id),
    ]
    done = services.import_needs(organization=alice_lab, drafts=[good, *bad], source="calls")
    assert done.created == Need.objects.count() == 1
    assert [(problem.source_id, list(problem.fields)) for problem in done.problems] == [
        ("T-1", ["trl_low"]),
        ("T-2", ["title"]),
        ("", ["source_id"]),
        ("T-0", ["source_id"]),
    ]


def test_dates_of_the_past_are_kept(alice_lab: Organization) -> None:
    done = services.import_needs(organization=alice_lab, drafts=rows(1, deadline=date(2020, 1, 1)), source="calls")
    assert done.problems == []
    assert Need.objects.get().deadline == date(2020, 1, 1)


def test_what_people_closed_stays_closed(alice_lab: Organization, alice_viewer: Viewer) -> None:
    services.import_needs(organization=alice_lab, drafts=rows(1), source="calls")
    services.close_listing(actor=alice_viewer, listing=Need.objects.get())
    done = services.import_needs(organization=alice_lab, drafts=rows(1, budget_max=None), source="calls")
    assert done.unchanged == 1
    assert Need.objects.get().status == "closed"


def test_capabilities_are_imported_likewise(alice_lab: Organization) -> None:
    drafts = [capability_draft(source_id="C-1")]
    assert services.import_capabilities(organization=alice_lab, drafts=drafts, source="demo").created == 1
    assert services.import_capabilities(organization=alice_lab, drafts=drafts, source="demo").unchanged == 1
    assert Capability.objects.get().price_model == "per_unit"


def test_unchanged_rows_cost_no_queries_of_their_own(alice_lab: Organization) -> None:
    def queries(count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            services.import_needs(organization=alice_lab, drafts=rows(count), source="calls")
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    services.import_needs(organization=alice_lab, drafts=rows(40), source="calls")
    assert queries(40) == queries(10) <= 20
