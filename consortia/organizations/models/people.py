"""Who acts for an organization: members, those invited, and those who claim it."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.organizations.models.organization import Organization
from ronghe.common.models import Dated, PubliclyNamed
from ronghe.common.text import validate_clean_text

INVITATION_DAYS: Final = 14


def hash_of_token(token: str) -> str:
    """What is kept of an invitation's secret. It has 256 random bits, so a plain hash cannot be turned round."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_expiry() -> datetime:
    """When an invitation made now ends."""
    return timezone.now() + timedelta(days=INVITATION_DAYS)


class Membership(Dated):
    """A person acts for an organization in a role."""

    class Role(models.TextChoices):
        """What a member may do: everything, write, or read."""

        OWNER = "owner", _("owner")
        EDITOR = "editor", _("editor")
        VIEWER = "viewer", _("viewer")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="organizations_membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.organization_id}: {self.role}"


class Invitation(PubliclyNamed, Dated):
    """An e-mail address is invited to join an organization; only the hash of the secret link is kept."""

    class Status(models.TextChoices):
        """Where an invitation stands."""

        OPEN = "open", pgettext_lazy("answer", "open")
        ACCEPTED = "accepted", _("accepted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("organization")
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=6, choices=Membership.Role)
    token_hash = models.CharField(_("hash of the secret"), max_length=64, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    expires_at = models.DateTimeField(_("expires"), default=invitation_expiry)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("invited by")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organization",
                condition=models.Q(status="open"),
                name="organizations_invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organization_id}"


class Claim(PubliclyNamed, Dated):
    """A person asks to take over an organization that nobody owns yet; a curator decides."""

    class Status(models.TextChoices):
        """Where a claim stands."""

        OPEN = "open", pgettext_lazy("decision", "open")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="claims", verbose_name=_("organization")
    )
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims", verbose_name=_("claimant")
    )
    statement = models.TextField(_("statement"), max_length=2000, validators=[validate_clean_text])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.TextField(_("reason of the decision"), blank=True, max_length=2000)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "claimant"],
                condition=models.Q(status="open"),
                name="organizations_claim_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.claimant_id} claims {self.organization_id}"
