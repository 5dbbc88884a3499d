"""Needs that ask for partners."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.db.models import Q, QuerySet

from consortia.listings.models import Listing, ListingInterface, Need
from consortia.organizations.models import Organization
from matching import engine
from matching.loading.records import (
    PAGE,
    interfaces_of,
    money,
    need_key,
    organization_key,
    parameters_of,
    place_of,
    span,
    texts_of,
    uses_of,
    with_details,
)
from matching.models import Match, MatchDecision


def open_needs(*, as_of: date) -> QuerySet[Need]:
    """Needs that ask on that day: open, valid, before their deadline, of an organization in good standing."""
    return Need.objects.filter(
        Q(deadline__isnull=True) | Q(deadline__gte=as_of),
        status=Listing.Status.OPEN,
        valid_until__gte=as_of,
        organization__status__in=[Organization.Status.VERIFIED, Organization.Status.PENDING],
    )


def load_needs(rows: QuerySet[Need], *, as_of: date) -> Iterator[engine.Need]:
    """Encode needs, with the organizations that must not come back to them, in the order of their keys."""
    last = 0
    while page := list(with_details(rows.filter(pk__gt=last)).order_by("pk")[:PAGE]):
        unwanted = _unwanted([row.pk for row in page])
        for row in page:
            yield _encoded(row, unwanted.get(row.pk, frozenset()), as_of)
        last = page[-1].pk


def _encoded(row: Need, unwanted: frozenset[str], as_of: date) -> engine.Need:
    low, high = money(row.budget_min, row.currency), money(row.budget_max, row.currency)
    return engine.Need(
        id=need_key(row.pk),
        organization=organization_key(row.organization_id),
        texts=texts_of(row),
        technologies=uses_of(row),
        route_locked=row.route_locked,
        supply_role=row.supply_role or None,
        trl=span(row.trl_low, row.trl_high),
        mrl=span(row.mrl_low, row.mrl_high),
        partner_types=frozenset(row.partner_types),
        parameters=parameters_of(row),
        eligible_countries=frozenset(row.eligible_countries),
        blocked_countries=frozenset(row.blocked_countries),
        required_certificates=frozenset(" ".join(name.split()) for name in row.required_certificates),
        declined_organizations=unwanted,
        regions=frozenset(row.regions),
        place=place_of(row.organization),
        cooperation_types=frozenset(row.cooperation_types),
        languages=frozenset(row.languages_spoken),
        interfaces=interfaces_of(row, ListingInterface.Mode.REQUIRES),
        deadline=row.deadline.toordinal() if row.deadline else None,
        budget=None if high is None else (low or 0.0, high),
        as_of=as_of.toordinal(),
    )


def _unwanted(need_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    unwanted: dict[int, set[str]] = defaultdict(set)
    declined = Q(need_answer=Match.Answer.DECLINED) | Q(organization_answer=Match.Answer.DECLINED)
    answered = Match.objects.filter(declined, need_id__in=need_ids)
    suppressed = MatchDecision.objects.filter(kind=MatchDecision.Kind.SUPPRESS, need_id__in=need_ids)
    for rows in (answered, suppressed):
        for need_id, organization_id in rows.values_list("need_id", "organization_id"):
            unwanted[need_id].add(organization_key(organization_id))
    return {need_id: frozenset(keys) for need_id, keys in unwanted.items()}
