"""Needs and capabilities of the demo network."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consortia.imports.demo.records import CapabilityEntry, ListingEntry, NeedEntry
from consortia.imports.demo.work import SOURCE, Work
from consortia.listings.drafts import (
    CapabilityDraft,
    InterfaceUseDraft,
    NeedDraft,
    ParameterDraft,
    TechnologyUseDraft,
    TranslationDraft,
)
from consortia.listings.models import Listing
from consortia.listings.services import ImportedListings, import_capabilities, import_needs, renew_listing
from consortia.organizations.models import Organization

Import = Callable[..., ImportedListings]


def load_listings(work: Work, organizations: Mapping[str, Organization]) -> None:
    """Bring needs and capabilities to the state of the files, open; what has expired since is renewed.

    What somebody closed or withdrew stays so.
    """
    for kind, entries, draft, service in (
        ("needs", work.network.needs, _need, import_needs),
        ("capabilities", work.network.capabilities, _capability, import_capabilities),
    ):
        work.progress.begin(kind, total=len(entries))
        for organization, own in _by_organization(entries).items():
            if organization in organizations:
                drafts = [draft(entry) for entry in own]
                _import(work, kind, service, organizations[organization], drafts)
            work.progress.advance(len(own))
    for listing in Listing.objects.filter(source=SOURCE, status=Listing.Status.EXPIRED).order_by("pk"):
        renew_listing(actor=work.actor, listing=listing)


def technology_uses(entry: Any) -> tuple[TechnologyUseDraft, ...]:
    """What a listing or facility is about."""
    return tuple(
        TechnologyUseDraft(technology=use.id, route=use.route, weight=use.weight) for use in entry.technologies
    )


def _by_organization(entries: Sequence[ListingEntry]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        found[entry.organization].append(entry)
    return found


def _import(work: Work, kind: str, service: Import, organization: Organization, drafts: Sequence[Any]) -> None:
    outcome = service(organization=organization, drafts=drafts, source=SOURCE)
    for problem in outcome.problems:
        for field_name, messages in (problem.fields or {"": [problem.message]}).items():
            for message in messages:
                work.log.note(problem.source_id, field_name, message)
    tally = work.tally(kind)
    tally.created += outcome.created
    tally.updated += outcome.updated
    tally.unchanged += outcome.unchanged


def _need(entry: NeedEntry) -> NeedDraft:
    budget = entry.budget
    return NeedDraft(
        **_common(entry),
        route_locked=entry.route_locked,
        deadline=entry.deadline,
        budget_min=budget.min if budget else None,
        budget_max=budget.max if budget else None,
        currency=budget.currency if budget else "",
        partner_types=entry.partner_types,
        eligible_countries=entry.eligible_countries,
        process_stage=entry.process_stage or "",
    )


def _capability(entry: CapabilityEntry) -> CapabilityDraft:
    price = entry.price
    return CapabilityDraft(
        **_common(entry),
        ipr_status=entry.ipr,
        price_model=price.model if price else "",
        price_amount=price.amount if price else None,
        currency=price.currency if price else "",
        capacities=entry.capacity,
    )


def _common(entry: NeedEntry | CapabilityEntry) -> dict[str, Any]:
    mrl_low, mrl_high = entry.mrl or (None, None)
    return {
        "kind": entry.kind,
        "title": entry.title,
        "language": entry.lang,
        "summary": entry.summary,
        "description": entry.description,
        "supply_role": entry.supply_role,
        "trl_low": entry.trl[0],
        "trl_high": entry.trl[1],
        "mrl_low": mrl_low,
        "mrl_high": mrl_high,
        "cooperation_types": entry.cooperation,
        "regions": entry.regions,
        "languages_spoken": entry.languages,
        "technologies": technology_uses(entry),
        "parameters": _parameters(entry),
        "interfaces": tuple(InterfaceUseDraft(interface=use.id, mode=use.mode) for use in entry.interfaces),
        "translations": tuple(
            TranslationDraft(language=tag, title=texts.title, summary=texts.summary)
            for tag, texts in entry.translations.items()
        ),
        "source_id": entry.id,
        "is_fictitious": True,
    }


def _parameters(entry: ListingEntry) -> tuple[ParameterDraft, ...]:
    return tuple(
        ParameterDraft(
            labels=given.name,
            operator=given.operator,
            value=given.value,
            value_high=given.value_high,
            unit=given.unit,
            tolerance=given.tolerance,
            conditions=given.condition,
            methods=given.method,
            tier=given.disclosure,
        )
        for given in entry.parameters
    )
