"""Database → engine: reads rows in a few large queries and encodes them as the engine's records.

The engine takes part in everything, including restricted fields: what may be *shown* is asked later. What the engine
must not repeat in an explanation is marked as restricted here.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from consortia.disclosure.models import Tier
from consortia.disclosure.policies import restricted_fields
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.evidence.selectors import evidence_strength, past_partners
from consortia.facilities.models import Facility
from consortia.listings.models import Capability, Listing, ListingInterface, Need, Parameter
from consortia.organizations.models import Affiliation, Organization
from consortia.technologies.models import Route, Technology, TechnologyLabel, TechnologyRelation
from matching import engine
from matching.models import Match, MatchDecision

CHUNK: Final = 2000

_RecordT = TypeVar("_RecordT")

_ROLE: Final[Mapping[str, engine.types.ParticipationRole]] = {
    Participation.Role.COORDINATOR: "coordinator",
    Participation.Role.PARTICIPANT: "participant",
    Participation.Role.ASSOCIATED: "partner",
    Participation.Role.THIRD_PARTY: "partner",
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything an index is built from."""

    organizations: tuple[engine.Organization, ...]
    documents: tuple[engine.Document, ...]
    taxonomy: engine.Taxonomy


def load_corpus(*, as_of: date, progress: Callable[[], None]) -> Corpus:
    """Every organization that may be proposed, with all that speaks for it.

    Args:
        as_of: the day taken for today.
        progress: called after every record; may raise to stop.
    """
    return Corpus(
        organizations=tuple(_watched(load_organizations(as_of=as_of), progress)),
        documents=tuple(_watched(load_documents(as_of=as_of), progress)),
        taxonomy=load_taxonomy(),
    )


def _watched(records: Iterator[_RecordT], progress: Callable[[], None]) -> Iterator[_RecordT]:
    for record in records:
        progress()
        yield record


def organization_key(pk: int) -> str:
    """The engine's name of an organization."""
    return str(pk)


def need_key(pk: int) -> str:
    """The engine's name of a need."""
    return str(pk)


# --- organizations ----------------------------------------------------------------------------------------------------


def _candidates(only: Collection[int] | None) -> QuerySet[Organization]:
    """Organizations that may be proposed; suspended ones come along so that their absence can be explained."""
    candidates = Organization.objects.filter(Organization.listed() | Q(status=Organization.Status.SUSPENDED))
    return candidates if only is None else candidates.filter(pk__in=only)


def load_organizations(*, as_of: date, only: Collection[int] | None = None) -> Iterator[engine.Organization]:
    """The candidates, or those of them whose ids are in `only`."""
    affiliates = _affiliates()
    partners: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for one, other, weight in past_partners(organization_ids=only):
        partners[one].append((organization_key(other), weight))
    certificates = _certificates(as_of)
    for row in _candidates(only).order_by("pk").iterator(chunk_size=CHUNK):
        near = affiliates.get(row.pk, frozenset())
        # Bodies of one group, at two steps: not the same house, but not independent of each other either.
        further = frozenset().union(*(affiliates.get(other, frozenset()) for other in near)) - near - {row.pk}
        yield engine.Organization(
            id=organization_key(row.pk),
            type=row.type or None,
            country=row.country or None,
            region=row.region or None,
            place=_place(row),
            sme=row.is_sme,
            verification=row.verification_level / max(Organization.VerificationLevel.values),
            suspended=row.status == Organization.Status.SUSPENDED,
            certificates=certificates.get(row.pk, frozenset()),
            affiliates=frozenset(map(organization_key, near)),
            conflicts=frozenset(map(organization_key, further)),
            partners=tuple(sorted(partners.get(row.pk, ()))),
            day=row.updated_at.date().toordinal(),
        )


def _place(row: Organization) -> tuple[float, float] | None:
    return None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)


def _affiliates() -> Mapping[int, frozenset[int]]:
    pairs: dict[int, set[int]] = defaultdict(set)
    for one, other in Affiliation.objects.values_list("organization_id", "other_id"):
        pairs[one].add(other)
        pairs[other].add(one)
    return {organization: frozenset(others) for organization, others in pairs.items()}


def _valid_evidence(as_of: date) -> QuerySet[Evidence]:
    still_valid = Q(valid_until__isnull=True) | Q(valid_until__gte=as_of)
    return Evidence.objects.filter(still_valid, status=Evidence.Status.VERIFIED)


def _certificates(as_of: date) -> Mapping[int, frozenset[str]]:
    held: dict[int, set[str]] = defaultdict(set)
    rows = _valid_evidence(as_of).filter(kind=Evidence.Kind.CERTIFICATE)
    for organization, title, reference in rows.values_list("organization_id", "title", "reference"):
        held[organization] |= {name for name in (title, reference) if name}
    return {organization: frozenset(names) for organization, names in held.items()}


# --- documents --------------------------------------------------------------------------------------------------------


def load_documents(*, as_of: date, only: Collection[int] | None = None) -> Iterator[engine.Document]:
    """Capabilities, facilities and past projects of the candidates, or of those whose ids are in `only`."""
    proof = _Proof(as_of, only)
    yield from _capabilities(as_of, only, proof)
    yield from _facilities(as_of, only, proof)
    yield from _experience(only)


class _Proof:
    """Verified evidence per organization, aged to a day: what it says about a record on certain technologies."""

    def __init__(self, as_of: date, only: Collection[int] | None) -> None:
        rows = _valid_evidence(as_of).prefetch_related("technologies")
        self._by_organization: dict[int, list[tuple[float, frozenset[str]]]] = defaultdict(list)
        for row in rows if only is None else rows.filter(organization_id__in=only):
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


def _with_details(listings: "QuerySet[Any]") -> "QuerySet[Any]":
    return listings.select_related("organization").prefetch_related(
        "translations",
        "uses__technology",
        "uses__route",
        Prefetch("parameters", queryset=Parameter.objects.select_related("quantity").order_by("id")),
        "interface_uses__interface",
    )


def _capabilities(as_of: date, only: Collection[int] | None, proof: _Proof) -> Iterator[engine.Document]:
    rows = Capability.objects.filter(_of_listed(only), status=Listing.Status.OPEN, valid_until__gte=as_of)
    for row in _with_details(rows).order_by("pk").iterator(chunk_size=CHUNK):
        uses = _uses(row.uses.all())
        price = money(row.price_amount, row.currency)
        yield engine.Document(
            id=f"capability:{row.pk}",
            organization=organization_key(row.organization_id),
            kind="capability",
            texts=_texts(row),
            technologies=uses,
            supply_role=row.supply_role or None,
            trl=_span(row.trl_low, row.trl_high),
            mrl=_span(row.mrl_low, row.mrl_high),
            parameters=_parameters(row),
            cooperation_types=frozenset(row.cooperation_types),
            regions=frozenset(row.regions),
            languages=frozenset(row.languages_spoken),
            interfaces=_interfaces(row, ListingInterface.Mode.CONFORMS),
            price=None if price is None else (price, price),
            day=row.updated_at.date().toordinal(),
            valid_until=row.valid_until.toordinal() if row.valid_until else None,
            verified=proof.strength(row.organization_id, uses),
            restricted=restricted_fields(row),
        )


def _facilities(as_of: date, only: Collection[int] | None, proof: _Proof) -> Iterator[engine.Document]:
    rows = Facility.objects.filter(_of_listed(only), is_active=True).prefetch_related(
        "uses__technology", "uses__route", "slots__bookings"
    )
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        uses = _uses(row.uses.all())
        restricted = restricted_fields(row)
        price = money(row.price_amount, row.currency)
        capacity, available = _availability(row, as_of)
        yield engine.Document(
            id=f"facility:{row.pk}",
            organization=organization_key(row.organization_id),
            kind="facility",
            texts=tuple(
                engine.Text(
                    lang=language,
                    title=name,
                    body=row.description if language == row.language else "",
                    restricted="description" in restricted and language == row.language,
                )
                for language, name in sorted(row.names.items())
            ),
            technologies=uses,
            supply_role="testing" if row.services else None,
            trl=_span(row.trl_in, row.trl_out),
            mrl=_span(row.mrl_in, row.mrl_out),
            price=None if price is None else (price, price),
            capacity=capacity,
            available=available,
            day=row.updated_at.date().toordinal(),
            verified=proof.strength(row.organization_id, uses),
            restricted=restricted,
        )


def _availability(row: Facility, as_of: date) -> tuple[float | None, engine.types.Span | None]:
    """The free share of all coming slots, and the days from the first to the last of them."""
    coming = [slot for slot in row.slots.all() if slot.ends_at.date() >= as_of]
    if not coming:
        return None, None
    total = sum(slot.capacity * (slot.ends_at - slot.starts_at).total_seconds() for slot in coming)
    taken = sum(
        booking.units * (booking.ends_at - booking.starts_at).total_seconds()
        for slot in coming
        for booking in slot.bookings.all()
        if booking.status in booking.HOLDING
    )
    first = min(slot.starts_at.date().toordinal() for slot in coming)
    last = max(slot.ends_at.date().toordinal() for slot in coming)
    return max(0.0, 1.0 - taken / total), (float(first), float(last))


def _experience(only: Collection[int] | None) -> Iterator[engine.Document]:
    # Keyed by project, so that all its participants share one text object: the engine analyses equal content once.
    participations = Participation.objects.filter(_of_listed(only))
    projects = Experience.objects.filter(pk__in=participations.values("experience_id")).prefetch_related(
        Prefetch("technologies", queryset=Technology.objects.only("key")),
        Prefetch("participations", queryset=participations.order_by("organization_id"), to_attr="listed_parts"),
    )
    for row in projects.order_by("pk").iterator(chunk_size=CHUNK):
        body = f"{row.abstract}\n{row.keywords}" if row.keywords else row.abstract
        texts = (engine.Text(lang=row.language, title=row.title, body=body),)
        uses = tuple(engine.TechnologyUse(technology.key) for technology in row.technologies.all())
        signed = row.signed_on or row.started_on or row.ended_on
        for part in row.listed_parts:
            yield engine.Document(
                id=f"experience:{row.pk}/{part.organization_id}",
                organization=organization_key(part.organization_id),
                kind="experience",
                texts=texts,
                technologies=uses,
                day=signed.toordinal() if signed else None,
                role=_ROLE[part.role],
            )


# --- needs ------------------------------------------------------------------------------------------------------------


def open_needs(*, as_of: date) -> QuerySet[Need]:
    """Needs that ask for partners on that day: open, valid, before their deadline, of an organization in good standing."""
    return Need.objects.filter(
        Q(deadline__isnull=True) | Q(deadline__gte=as_of),
        status=Listing.Status.OPEN,
        valid_until__gte=as_of,
        organization__status__in=[Organization.Status.VERIFIED, Organization.Status.PENDING],
    )


def load_needs(rows: QuerySet[Need], *, as_of: date) -> Iterator[engine.Need]:
    """Encode needs, with the organizations that must not come back to them."""
    ids = list(rows.values_list("pk", flat=True))
    unwanted = _unwanted(ids)
    for row in _with_details(Need.objects.filter(pk__in=ids)).order_by("pk").iterator(chunk_size=CHUNK):
        low, high = money(row.budget_min, row.currency), money(row.budget_max, row.currency)
        yield engine.Need(
            id=need_key(row.pk),
            organization=organization_key(row.organization_id),
            kind=row.kind,
            texts=_texts(row),
            technologies=_uses(row.uses.all()),
            route_locked=row.route_locked,
            supply_role=row.supply_role or None,
            trl=_span(row.trl_low, row.trl_high),
            mrl=_span(row.mrl_low, row.mrl_high),
            partner_types=frozenset(row.partner_types),
            parameters=_parameters(row),
            eligible_countries=frozenset(row.eligible_countries),
            blocked_countries=frozenset(row.blocked_countries),
            required_certificates=frozenset(row.required_certificates),
            declined_organizations=unwanted.get(row.pk, frozenset()),
            regions=frozenset(row.regions),
            place=_place(row.organization),
            cooperation_types=frozenset(row.cooperation_types),
            languages=frozenset(row.languages_spoken),
            interfaces=_interfaces(row, ListingInterface.Mode.REQUIRES),
            deadline=row.deadline.toordinal() if row.deadline else None,
            budget=None if high is None else (low or 0.0, high),
            as_of=as_of.toordinal(),
        )


def _unwanted(need_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    unwanted: dict[int, set[str]] = defaultdict(set)
    declined = Q(need_answer=Match.Answer.DECLINED) | Q(organization_answer=Match.Answer.DECLINED)
    rows = Match.objects.filter(declined, need_id__in=need_ids).values_list("need_id", "organization_id")
    suppressed = MatchDecision.objects.filter(kind=MatchDecision.Kind.SUPPRESS, need_id__in=need_ids)
    for need_id, organization_id in [*rows, *suppressed.values_list("need_id", "organization_id")]:
        unwanted[need_id].add(organization_key(organization_id))
    return {need_id: frozenset(keys) for need_id, keys in unwanted.items()}


# --- taxonomy ---------------------------------------------------------------------------------------------------------


def load_taxonomy() -> engine.Taxonomy:
    """All technologies and routes that are in use, with every label by which texts may name them."""
    labels: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for technology_id, language, text in TechnologyLabel.objects.order_by("kind", "pk").values_list(
        "technology_id", "language", "text"
    ):
        labels[technology_id][language].append(text)
    keys = dict(Technology.objects.exclude(status=Technology.Status.PROPOSED).values_list("pk", "key"))
    arrows: dict[tuple[int, str], list[str]] = defaultdict(list)
    for source, kind, target in TechnologyRelation.objects.order_by("pk").values_list("source_id", "kind", "target_id"):
        if target in keys:
            arrows[source, kind].append(keys[target])
    kinds = TechnologyRelation.Kind
    technologies = tuple(
        engine.Technology(
            id=key,
            labels={language: tuple(texts) for language, texts in labels[pk].items()},
            broader=tuple(arrows[pk, kinds.BROADER]),
            related=tuple(arrows[pk, kinds.RELATED]),
            depends_on=tuple(arrows[pk, kinds.DEPENDS_ON]),
        )
        for pk, key in sorted(keys.items(), key=lambda item: item[1])
    )
    routes = tuple(
        engine.Route(id=route.key, technology=keys[route.technology_id], labels=_route_labels(route))
        for route in Route.objects.filter(technology_id__in=keys).order_by("key")
    )
    return engine.Taxonomy(technologies=technologies, routes=routes)


def _route_labels(route: Route) -> Mapping[str, tuple[str, ...]]:
    languages = sorted({*route.labels, *route.aliases})
    return {
        language: tuple(text for text in [route.labels.get(language), *route.aliases.get(language, [])] if text)
        for language in languages
    }


# --- parts ------------------------------------------------------------------------------------------------------------


def money(amount: Decimal | None, currency: str) -> float | None:
    """An amount in the currency of comparison, by the reference rates of the settings; None when it has none."""
    rate = settings.MATCHING_REFERENCE_RATES.get(currency)
    return None if amount is None or rate is None else float(amount) * rate


def _texts(row: Need | Capability) -> tuple[engine.Text, ...]:
    hidden = restricted_fields(row)
    versions: list[Any] = [row, *sorted(row.translations.all(), key=lambda translation: translation.language)]
    texts: list[engine.Text] = []
    for version in versions:
        summary_hidden, description_hidden = "summary" in hidden, "description" in hidden
        open_parts = [] if summary_hidden else [version.summary]
        open_parts += [] if description_hidden else [version.description]
        texts.append(engine.Text(lang=version.language, title=version.title, body="\n".join(filter(None, open_parts))))
        secret = [version.summary] if summary_hidden else []
        secret += [version.description] if description_hidden else []
        if any(secret):
            body = "\n".join(filter(None, secret))
            texts.append(engine.Text(lang=version.language, title="", body=body, restricted=True))
    return tuple(texts)


def _uses(rows: Iterable[Any]) -> tuple[engine.TechnologyUse, ...]:
    uses = (engine.TechnologyUse(row.technology.key, row.route.key if row.route else None, row.weight) for row in rows)
    return tuple(sorted(uses, key=lambda use: (use.technology, use.route or "")))


def _parameters(row: Need | Capability) -> tuple[engine.Parameter, ...]:
    return tuple(_parameter(parameter) for parameter in row.parameters.all())


def _parameter(row: Parameter) -> engine.Parameter:
    operators = Parameter.Operator
    return engine.Parameter(
        quantity=row.quantity.key,
        operator=row.operator,  # type: ignore[arg-type]  # the constraint on the row keeps it to these four
        low=None if row.operator == operators.AT_MOST else row.base_low,
        high=row.base_low if row.operator == operators.AT_MOST else row.base_high,
        dimension=row.quantity.dimension,
        tolerance=row.base_tolerance or 0.0,
        restricted=row.tier != Tier.PUBLIC,
    )


def _interfaces(row: Need | Capability, mode: ListingInterface.Mode) -> frozenset[str]:
    return frozenset(use.interface.key for use in row.interface_uses.all() if use.mode == mode)


def _span(low: int | None, high: int | None) -> engine.types.Span | None:
    """A closed span; where only one end is known it is both."""
    known = [float(level) for level in (low, high) if level is not None]
    return (known[0], known[-1]) if known else None
