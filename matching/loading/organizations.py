"""Organizations as candidates."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.db.models import Q, QuerySet

from consortia.evidence.models import Evidence
from consortia.evidence.selectors import past_partners
from consortia.organizations.models import Organization
from consortia.organizations.selectors import affiliate_pairs
from matching import engine
from matching.loading.records import organization_key, paged, place_of


def load_organizations(*, as_of: date, only: Collection[int] | None = None) -> Iterator[engine.Organization]:
    """The candidates, or those of them whose ids are in `only`.

    Args:
        as_of: the day on which certificates have to be valid.
        only: primary keys; None takes all.
    """
    affiliates = _affiliates()
    partners: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for one, other, weight in past_partners(organization_ids=only):
        partners[one].append((organization_key(other), weight))
    certificates = _certificates(as_of)
    for row in paged(_candidates(only)):
        near = affiliates.get(row.pk, frozenset())
        # Bodies of one group, at two steps: not the same house, but not independent of each other either.
        further = frozenset().union(*(affiliates.get(other, frozenset()) for other in near)) - near - {row.pk}
        yield engine.Organization(
            id=organization_key(row.pk),
            type=row.type or None,
            country=row.country or None,
            region=row.region or None,
            place=place_of(row),
            sme=row.is_sme,
            verification=row.verification_level / max(Organization.VerificationLevel.values),
            suspended=row.status == Organization.Status.SUSPENDED,
            certificates=certificates.get(row.pk, frozenset()),
            affiliates=frozenset(map(organization_key, near)),
            conflicts=frozenset(map(organization_key, further)),
            partners=tuple(sorted(partners.get(row.pk, ()))),
            day=row.updated_at.date().toordinal(),
        )


def with_affiliates(organization_ids: Collection[int]) -> set[int]:
    """These organizations and their affiliates, whose conflicts of interest change together."""
    return set(organization_ids) | {other for _one, other in affiliate_pairs(organization_ids)}


def valid_evidence(as_of: date) -> QuerySet[Evidence]:
    """Evidence that was verified and is still valid on a day."""
    still_valid = Q(valid_until__isnull=True) | Q(valid_until__gte=as_of)
    return Evidence.objects.filter(still_valid, status=Evidence.Status.VERIFIED)


def _candidates(only: Collection[int] | None) -> QuerySet[Organization]:
    """Organizations that may be proposed; suspended ones come along so that their absence can be explained."""
    candidates = Organization.objects.filter(Organization.listed() | Q(status=Organization.Status.SUSPENDED))
    return candidates if only is None else candidates.filter(pk__in=only)


def _affiliates() -> Mapping[int, frozenset[int]]:
    pairs: dict[int, set[int]] = defaultdict(set)
    for one, other in affiliate_pairs():
        pairs[one].add(other)
    return {organization: frozenset(others) for organization, others in pairs.items()}


def _certificates(as_of: date) -> Mapping[int, frozenset[str]]:
    held: dict[int, set[str]] = defaultdict(set)
    rows = valid_evidence(as_of).filter(kind=Evidence.Kind.CERTIFICATE)
    for organization, title, reference in rows.values_list("organization_id", "title", "reference"):
        held[organization] |= {" ".join(name.split()) for name in (title, reference) if name}
    return {organization: frozenset(names) for organization, names in held.items()}
