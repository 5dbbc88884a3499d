"""Registering and revising facilities."""

import math
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import Facility, FacilityTechnology
from consortia.facilities.policies import require_can_edit_facility
from consortia.listings.policies import require_can_write_for
from consortia.listings.services.checking import MOST_TECHNOLOGIES, checked_use
from consortia.listings.services.references import references_of_uses
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict
from ronghe.common.text import guess_language
from ronghe.common.units import to_base
from ronghe.common.validation import Faults, check_record, checked_texts, unique_or_conflict
from ronghe.events.services import emit

NAME_LENGTH: Final = 200
_TEXT_LIMITS: Final = {"description": 4000, "access": 2000, "safety": 2000, "ip_terms": 2000}
_LISTS: Final = ("feedstocks", "certificates", "services")
_FIXED_COLUMNS: Final = frozenset({"source", "source_id"})


@dataclass(frozen=True, slots=True)
class _CheckedFacility:
    record: Facility
    columns: tuple[str, ...]
    uses: list[FacilityTechnology]


@transaction.atomic
def register_facility(*, actor: Viewer, organization: Organization, draft: FacilityDraft) -> Facility:
    """Put a facility of an organization on offer.

    Raises:
        InvalidInput: naming every fault of the draft.
        NotFound, NotAllowed: the actor does not write for the organization.
        Conflict: the organization was merged, or the source's id is taken.
    """
    require_can_write_for(actor, organization)
    if organization.status == Organization.Status.MERGED:
        raise Conflict(_("This organization was merged into another. Write for that one."), code="merged")
    result = _checked(draft, organization)
    taken = _("A facility with this id of the source exists already. Revise that one.")
    with unique_or_conflict(taken, field="source_id"):
        result.record.save(force_insert=True)
    _write_uses(result.record, result.uses)
    emit(kind="facility.registered", subject=result.record, payload={"organization": organization.pk})
    return result.record


@transaction.atomic
def revise_facility(
    *, actor: Viewer, facility: Facility, draft: FacilityDraft, expected_version: int | None = None
) -> Facility:
    """Replace everything its author writes of a facility; its slots and bookings stay.

    Args:
        actor: who saves.
        facility: the facility.
        draft: the whole of the new text.
        expected_version: the version the editor had read; None takes that of `facility`.

    Raises:
        InvalidInput: naming every fault of the draft.
        NotFound, NotAllowed: the actor does not write for its organization.
        StaleEdit: somebody else saved meanwhile.
    """
    require_can_edit_facility(actor, facility)
    result = _checked(draft, facility.organization)
    facility.claim_edit(expected_version=expected_version)
    columns = [name for name in result.columns if name not in _FIXED_COLUMNS]
    for name in columns:
        setattr(facility, name, getattr(result.record, name))
    facility.save(update_fields=[*columns, "updated_at"])
    facility.uses.all().delete()
    _write_uses(facility, result.uses)
    emit(kind="facility.revised", subject=facility, payload={"organization": facility.organization_id})
    return facility


def _checked(draft: FacilityDraft, organization: Organization) -> _CheckedFacility:
    faults = Faults()
    columns: dict[str, Any] = {
        item.name: getattr(draft, item.name) for item in fields(draft) if item.name != "technologies"
    }
    columns.update({name: value.strip() for name, value in columns.items() if isinstance(value, str)})
    columns.update({name: list(columns[name]) for name in _LISTS})
    columns["disclosure"] = dict(draft.disclosure)
    columns["language"] = columns["language"] or guess_language(f"{' '.join(draft.names.values())} {draft.description}")
    columns["names"] = {}
    with faults.collecting():
        columns["names"] = checked_texts(draft.names, field="names", longest=NAME_LENGTH, required=True)
    record = Facility(organization=organization, **columns)
    with faults.collecting():
        check_record(record, exclude=["organization", "names"])
    _check_lengths(record, faults)
    _check_spans(record, faults)
    _check_throughput(record, faults)
    _check_price(record, faults)
    uses = _checked_uses(draft, faults)
    faults.raise_if_any()
    return _CheckedFacility(record=record, columns=tuple(columns), uses=uses)


def _check_lengths(record: Facility, faults: Faults) -> None:
    # Columns of unlimited length take any text, so their limit is checked by hand.
    for name, longest in _TEXT_LIMITS.items():
        length = len(getattr(record, name))
        if length > longest:
            message = _("This text has %(length)d characters. Shorten it to %(longest)d.")
            faults.add(name, message % {"length": length, "longest": longest})


def _check_spans(record: Facility, faults: Faults) -> None:
    for name, low, high in (("trl_in", record.trl_in, record.trl_out), ("mrl_in", record.mrl_in, record.mrl_out)):
        if isinstance(low, int) and isinstance(high, int) and low > high:
            message = _("The span is reversed: %(low)d is above %(high)d. Give the lower level first.")
            faults.add(name, message % {"low": low, "high": high})


def _check_throughput(record: Facility, faults: Faults) -> None:
    if record.throughput is None:
        if record.throughput_unit:
            faults.add("throughput", _("There is a unit but no throughput. Give both, or none."))
        return
    if not isinstance(record.throughput, int | float) or not math.isfinite(record.throughput) or record.throughput <= 0:
        faults.add("throughput", _("Give a finite number above 0."))
        return
    with faults.collecting():
        to_base(record.throughput, record.throughput_unit, field="throughput_unit")


def _check_price(record: Facility, faults: Faults) -> None:
    amount = record.price_amount
    if not isinstance(amount, Decimal | int) or not math.isfinite(amount):
        return
    if amount < 0:
        faults.add("price_amount", _("An amount of money cannot be negative."))
    if not record.currency:
        faults.add("currency", _("Say in which currency the amount is, such as CNY or EUR."))


def _checked_uses(draft: FacilityDraft, faults: Faults) -> list[FacilityTechnology]:
    if len(draft.technologies) > MOST_TECHNOLOGIES:
        faults.add("technologies", _("Give at most %(most)d of these.") % {"most": MOST_TECHNOLOGIES})
        return []
    references = references_of_uses(draft.technologies)
    uses: list[FacilityTechnology] = []
    seen: set[tuple[str, str | None]] = set()
    for place, use in enumerate(draft.technologies):
        with faults.collecting(prefix=f"technologies.{place}."):
            technology, route, weight = checked_use(
                references, technology_key=use.technology, route_key=use.route, weight=use.weight
            )
            if (technology.key, use.route) in seen:
                faults.add(f"technologies.{place}.technology", _("This technology stands twice. Give each once."))
            seen.add((technology.key, use.route))
            uses.append(FacilityTechnology(technology=technology, route=route, weight=weight))
    return uses


def _write_uses(facility: Facility, uses: list[FacilityTechnology]) -> None:
    for use in uses:
        use.facility = facility
    FacilityTechnology.objects.bulk_create(uses)
