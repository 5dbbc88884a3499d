"""What speaks for organizations: capabilities, facilities and past projects."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Prefetch, Q
from django.utils import timezone

from consortia.disclosure.policies import restricted_fields
from consortia.evidence.ageing import evidence_strength
from consortia.evidence.models import Experience, Participation
from consortia.facilities.models import Facility, FacilityTechnology, Slot
from consortia.listings.models import Capability, Listing, ListingInterface
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology
from matching import engine
from matching.loading.organizations import valid_evidence
from matching.loading.records import (
    Problems,
    encoded,
    interfaces_of,
    organization_key,
    paged,
    parameters_of,
    price_of_work,
    span,
    texts_of,
    uses_of,
    with_details,
    with_uses,
)

_ROLE: Final[Mapping[str, engine.types.ParticipationRole]] = {
    Participation.Role.COORDINATOR: "coordinator",
    Participation.Role.PARTICIPANT: "participant",
    Participation.Role.ASSOCIATED: "partner",
    Participation.Role.THIRD_PARTY: "partner",
}
_ENGINE_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "price": frozenset({"price"}),
    "regions": frozenset({"regions"}),
    "slots": frozenset({"available", "capacity"}),
    "organization": frozenset({"organization"}),
}
"""What the engine calls the fields that disclosure may restrict; texts and parameters are marked one by one."""
_OWNER: Final = frozenset({"organization"})
_SEARCHES: Final = "searches"


def load_documents(
    *, as_of: date, only: Collection[int] | None = None, problems: Problems | None = None
) -> Iterator[engine.Document]:
    """Everything that speaks for the candidates, or for those of them whose ids are in `only`.

    A record with restricted texts comes twice: whole, for needs, and with what everybody may read, for searches.

    Args:
        as_of: the day taken for today.
        only: primary keys of organizations; None takes all.
        problems: takes in the records that cannot be read and are left out.
    """
    problems = [] if problems is None else problems
    proof = _Proof(as_of, only)
    for document in _capabilities(as_of, only, proof, problems):
        yield from _by_reach(document)
    for document in _facilities(as_of, only, proof, problems):
        yield from _by_reach(document)
    yield from _experience(only)


def _by_reach(document: engine.Document) -> Iterator[engine.Document]:
    """The document as it is, or as one for needs and one for searches, which must not tell whose it is either."""
    if not _OWNER & document.restricted and not any(text.restricted for text in document.texts):
        yield document
        return
    yield replace(document, reach="needs")
    if not _OWNER & document.restricted:
        texts = tuple(text for text in document.texts if not text.restricted)
        yield replace(document, id=f"{document.id}/{_SEARCHES}", texts=texts, reach="searches")


class _Proof:
    """Verified evidence per organization, aged to a day: what it says about a record on certain technologies."""

    def __init__(self, as_of: date, only: Collection[int] | None) -> None:
        rows = valid_evidence(as_of).prefetch_related("technologies")
        self._by_organization: dict[int, list[tuple[float, frozenset[str]]]] = defaultdict(list)
        for row in paged(rows if only is None else rows.filter(organization_id__in=only)):
            about = frozenset(technology.key for technology in row.technologies.all())
            self._by_organization[row.organization_id].append((evidence_strength(row, on=as_of), about))

    def strength(self, organization: int, technologies: Iterable[engine.TechnologyUse]) -> float | None:
        """The strongest piece that is about one of the technologies, or about none in particular; None without any."""
        wanted = {use.technology for use in technologies}
        found = [
            strength for strength, about in self._by_organization.get(organization, ()) if not about or about & wanted
        ]
        return max(found, default=None)


def _of_listed(only: Collection[int] | None) -> Q:
    listed = Organization.listed("organization__")
    return listed if only is None else listed & Q(organization_id__in=only)


def _restricted(row: Capability | Facility) -> frozenset[str]:
    return frozenset().union(*(_ENGINE_FIELDS.get(name, frozenset()) for name in restricted_fields(row)))


def _capabilities(
    as_of: date, only: Collection[int] | None, proof: _Proof, problems: Problems
) -> Iterator[engine.Document]:
    rows = Capability.objects.filter(_of_listed(only), status=Listing.Status.OPEN, valid_until__gte=as_of)
    yield from encoded(paged(with_details(rows)), lambda row: _capability(row, proof), _capability_key, problems)


def _capability_key(row: Capability) -> str:
    return f"capability:{row.pk}"


def _capability(row: Capability, proof: _Proof) -> engine.Document:
    uses = uses_of(row)
    return engine.Document(
        id=_capability_key(row),
        organization=organization_key(row.organization_id),
        kind="capability",
        texts=texts_of(row),
        technologies=uses,
        supply_role=row.supply_role or None,
        trl=span(row.trl_low, row.trl_high),
        mrl=span(row.mrl_low, row.mrl_high),
        parameters=parameters_of(row),
        cooperation_types=frozenset(row.cooperation_types),
        regions=frozenset(row.regions),
        languages=frozenset(row.languages_spoken),
        interfaces=interfaces_of(row, ListingInterface.Mode.CONFORMS),
        price=price_of_work(row.price_amount, row.currency, row.price_model),
        day=row.updated_at.date().toordinal(),
        valid_until=row.valid_until.toordinal() if row.valid_until else None,
        verified=proof.strength(row.organization_id, uses),
        restricted=_restricted(row),
    )


def _facilities(
    as_of: date, only: Collection[int] | None, proof: _Proof, problems: Problems
) -> Iterator[engine.Document]:
    midnight = timezone.make_aware(datetime.combine(as_of, time.min))
    coming = Slot.objects.filter(ends_at__gte=midnight).prefetch_related("bookings").order_by("starts_at", "id")
    rows = Facility.objects.filter(_of_listed(only), is_active=True).prefetch_related(
        with_uses(FacilityTechnology.objects.only("facility_id", "weight", "technology__key", "route__key")),
        Prefetch("slots", queryset=coming, to_attr="coming_slots"),
    )
    yield from encoded(paged(rows), lambda row: _facility(row, proof), _facility_key, problems)


def _facility_key(row: Facility) -> str:
    return f"facility:{row.pk}"


def _facility(row: Any, proof: _Proof) -> engine.Document:
    uses = uses_of(row)
    capacity, available = _availability(row.coming_slots)
    return engine.Document(
        id=_facility_key(row),
        organization=organization_key(row.organization_id),
        kind="facility",
        texts=_facility_texts(row),
        technologies=uses,
        supply_role="testing" if row.services else None,
        trl=span(row.trl_in, row.trl_out),
        mrl=span(row.mrl_in, row.mrl_out),
        price=price_of_work(row.price_amount, row.currency, row.price_unit),
        capacity=capacity,
        available=available,
        day=row.updated_at.date().toordinal(),
        verified=proof.strength(row.organization_id, uses),
        restricted=_restricted(row),
    )


def _facility_texts(row: Facility) -> tuple[engine.Text, ...]:
    hidden = "description" in restricted_fields(row)
    texts = [
        engine.Text(lang=language, title=name, body="" if hidden or language != row.language else row.description)
        for language, name in sorted(row.names.items())
    ]
    if row.description and (hidden or row.language not in row.names):
        texts.append(engine.Text(lang=row.language, title="", body=row.description, restricted=hidden))
    return tuple(texts)


def _availability(coming: Iterable[Slot]) -> tuple[float | None, engine.types.Span | None]:
    """The free share of all coming slots, and the days from the first to the last of those that have room.

    Where all are booked out, the days are those of all of them: that it cannot be had is what the share says.
    """
    slots = list(coming)
    if not slots:
        return None, None
    sizes = [slot.capacity * (slot.ends_at - slot.starts_at).total_seconds() for slot in slots]
    free = [max(0.0, size - _held(slot)) for slot, size in zip(slots, sizes, strict=True)]
    open_slots = [slot for slot, room in zip(slots, free, strict=True) if room > 0] or slots
    first = min(slot.starts_at.date().toordinal() for slot in open_slots)
    last = max(slot.ends_at.date().toordinal() for slot in open_slots)
    return sum(free) / sum(sizes), (float(first), float(last))


def _held(slot: Slot) -> float:
    """Units times seconds that bookings hold of a slot."""
    return sum(
        booking.units * (booking.ends_at - booking.starts_at).total_seconds()
        for booking in slot.bookings.all()
        if booking.status in booking.HOLDING
    )


def _experience(only: Collection[int] | None) -> Iterator[engine.Document]:
    # Chosen here and not in the query: joined with their organizations, SQLite reads all participations for each page.
    chosen = frozenset(_listed_ids(only))
    parts = Participation.objects.order_by("experience_id", "organization_id")
    projects = Experience.objects.all()
    if only is not None:
        parts = parts.filter(organization_id__in=chosen)
        projects = projects.filter(pk__in=parts.values("experience_id"))
    # Keyed by project, so that all its participants share one text object: the engine analyses equal content once.
    with_parts = projects.prefetch_related(
        Prefetch("technologies", queryset=Technology.objects.only("key")),
        Prefetch("participations", queryset=parts, to_attr="parts"),
    )
    for row in paged(with_parts):
        # The words of a call's code name programme and topic: who answers the same calls works in one field.
        body = "\n".join(filter(None, (row.abstract, row.keywords, row.call)))
        texts = (engine.Text(lang=row.language, title=row.title, body=body),)
        uses = tuple(sorted((engine.TechnologyUse(item.key) for item in row.technologies.all()), key=_key_of))
        signed = row.signed_on or row.started_on or row.ended_on
        for part in row.parts:  # type: ignore[attr-defined]  # set by the prefetch
            if part.organization_id in chosen:
                yield engine.Document(
                    id=f"experience:{row.pk}/{part.organization_id}",
                    organization=organization_key(part.organization_id),
                    kind="experience",
                    texts=texts,
                    technologies=uses,
                    day=signed.toordinal() if signed else None,
                    role=_ROLE[part.role],
                )


def _listed_ids(only: Collection[int] | None) -> Iterable[int]:
    listed = Organization.objects.filter(Organization.listed())
    return (listed if only is None else listed.filter(pk__in=only)).values_list("pk", flat=True)


def _key_of(use: engine.TechnologyUse) -> str:
    return use.technology
