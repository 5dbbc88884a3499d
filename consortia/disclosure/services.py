"""Opening and closing tiers between organizations, and keeping the ledger of reveals."""

import hashlib
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from consortia.disclosure.models import Disclosable, DisclosureGrant, Reveal, Tier
from consortia.disclosure.policies import may_see_field, restricted_fields
from consortia.disclosure.viewer import Viewer
from ronghe.events.services import emit


@transaction.atomic
def grant_disclosure(*, owner_id: int, viewer_id: int, tier: Tier, reason: DisclosureGrant.Reason) -> DisclosureGrant:
    """Open a tier of one organization's records to another; granting twice is granting once."""
    grant, created = DisclosureGrant.objects.get_or_create(
        owner_id=owner_id, viewer_id=viewer_id, tier=tier, reason=reason, revoked_at=None
    )
    if created:
        emit(kind="disclosure.granted", subject=grant, payload={"owner": owner_id, "viewer": viewer_id, "tier": tier})
    return grant


@transaction.atomic
def revoke_disclosure(*, grant: DisclosureGrant) -> None:
    """Close what was opened; what was shown meanwhile stays in the ledger."""
    if DisclosureGrant.objects.filter(pk=grant.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        emit(
            kind="disclosure.revoked",
            subject=grant,
            payload={"owner": grant.owner_id, "viewer": grant.viewer_id, "tier": grant.tier},
        )


def record_reveals(
    *,
    viewer: Viewer,
    shown: Iterable[tuple[Disclosable, Tier]],
    surface: Reveal.Surface,
    fields: Collection[str] | None = None,
) -> None:
    """Write to the ledger which restricted fields of which records a viewer was shown.

    Args:
        viewer: who looked; owners looking at their own records are not written down.
        shown: each record with the tier the viewer reached with its owner.
        surface: where they looked.
        fields: the only fields that this surface shows; None where it shows all that the viewer may see.
    """
    today = timezone.now().date()
    rows = [
        Reveal(
            owner_id=record.disclosure_owner_id,
            viewer_id=viewer.user_id,
            record_type=record._meta.label_lower,
            record_id=record.pk,
            fields=revealed,
            fields_key=_key(revealed),
            tier=reached,
            surface=surface,
            day=today,
        )
        for record, reached in shown
        if record.disclosure_owner_id not in viewer.organization_ids
        and (revealed := _restricted_but_shown(record, reached, fields))
    ]
    if rows:
        Reveal.objects.bulk_create(rows, ignore_conflicts=True)


def _restricted_but_shown(record: Disclosable, reached: Tier, fields: Collection[str] | None) -> list[str]:
    shown = {name for name in restricted_fields(record) if may_see_field(record, name, reached=reached)}
    shown |= record.restricted_parts(reached)
    return sorted(shown if fields is None else shown.intersection(fields))


def _key(fields: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(fields).encode()).hexdigest()
