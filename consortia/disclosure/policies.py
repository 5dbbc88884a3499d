"""The one place that answers: what may this viewer see of this record?

Pages, API, search, exports, mails, webhooks and explanations all ask here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.models import Disclosable, DisclosureGrant, Tier
from consortia.disclosure.viewer import Viewer
from ronghe.common.errors import NotAllowed

RecordT = TypeVar("RecordT", bound=Disclosable)

# Owners and curators see every field of a record.
EVERYTHING = Tier.CONSORTIUM


def visible(viewer: Viewer, queryset: "models.QuerySet[RecordT]") -> "models.QuerySet[RecordT]":
    """Those of the records that exist for this viewer."""
    if viewer.is_curator:
        return queryset
    return queryset.filter(queryset.model.visibility(viewer))


def highest_tiers(viewer: Viewer, owner_ids: Iterable[int]) -> Mapping[int, Tier]:
    """For each owning organization, the highest tier that the viewer reaches; one query for all of them."""
    owners = set(owner_ids)
    base = Tier.MEMBERS if viewer.is_member else Tier.PUBLIC
    reached = dict.fromkeys(owners, EVERYTHING if viewer.is_curator else base)
    reached.update(dict.fromkeys(owners & viewer.organization_ids, EVERYTHING))
    if viewer.is_curator or not viewer.organization_ids:
        return reached
    grants = _grants_held_by(viewer).filter(owner_id__in=owners - viewer.organization_ids)
    for owner_id, tier in grants.values_list("owner_id", "tier"):
        if Tier(tier).rank > reached[owner_id].rank:
            reached[owner_id] = Tier(tier)
    return reached


def highest_tier(viewer: Viewer, owner_id: int) -> Tier:
    """The highest tier that the viewer reaches with one owner."""
    return highest_tiers(viewer, [owner_id])[owner_id]


def may_see_field(record: Disclosable, name: str, *, reached: Tier) -> bool:
    """Whether a viewer who reached this tier with the record's owner may see the field."""
    return record.tier_of_field(name).rank <= reached.rank


def hidden_fields(record: Disclosable, *, reached: Tier) -> frozenset[str]:
    """The fields of the record that stay hidden at this tier."""
    named = set(record.DISCLOSURE_DEFAULTS) | set(record.disclosure)
    return frozenset(name for name in named if not may_see_field(record, name, reached=reached))


def restricted_fields(record: Disclosable) -> frozenset[str]:
    """The fields of the record that not everybody may see."""
    return hidden_fields(record, reached=Tier.PUBLIC)


def may_filter_by(viewer: Viewer, model: type[Disclosable], name: str, *, owner: str) -> models.Q:
    """Those records of which the viewer may see a field; a filter on any other would tell what the field hides.

    Args:
        viewer: who filters.
        model: the model that is filtered.
        name: the field.
        owner: the lookup that leads from the model to its owning organization, such as ``organization_id``.
    """
    if viewer.is_curator:
        return models.Q()
    base = Tier.MEMBERS if viewer.is_member else Tier.PUBLIC
    seen = _tier_within(model, name, base) | models.Q(**{f"{owner}__in": viewer.organization_ids})
    for granted in (Tier.MATCHED, Tier.CONSORTIUM) if viewer.organization_ids else ():
        owners = _grants_held_by(viewer).filter(tier=granted)
        seen |= _tier_within(model, name, granted) & models.Q(**{f"{owner}__in": owners.values("owner_id")})
    return seen


def _grants_held_by(viewer: Viewer) -> "models.QuerySet[DisclosureGrant]":
    """The standing grants to the viewer's organizations; one that is suspended holds none until it is reinstated."""
    standing = DisclosureGrant.objects.filter(viewer_id__in=viewer.organization_ids, revoked_at__isnull=True)
    return standing.exclude(viewer__status="suspended")


def _tier_within(model: type[Disclosable], name: str, highest: Tier) -> models.Q:
    chosen = models.Q(**{f"disclosure__{name}__in": [tier.value for tier in Tier if tier.rank <= highest.rank]})
    if model.DISCLOSURE_DEFAULTS.get(name, Tier.PUBLIC).rank <= highest.rank:
        return chosen | ~models.Q(disclosure__has_key=name)
    return chosen


def require_person(viewer: Viewer) -> int:
    """The primary key of the person who acts.

    Raises:
        NotAllowed: nobody signed in.
    """
    if viewer.user_id is None:
        raise NotAllowed(_("Sign in first."), code="not_signed_in")
    return viewer.user_id


def require_curator(viewer: Viewer) -> None:
    """Refuse everybody but curators.

    Raises:
        NotAllowed: the viewer is no curator.
    """
    if not viewer.is_curator:
        raise NotAllowed(_("Only curators do this."), code="curators_only")
