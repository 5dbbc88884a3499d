"""Tiers, what a record declares about its fields, who was granted more, and the ledger of what was revealed."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.viewer import Viewer
from ronghe.common.models import Dated


class Tier(models.TextChoices):
    """Who sees a field, from everybody to the fewest."""

    PUBLIC = "public", _("everybody")
    MEMBERS = "members", _("verified members")
    MATCHED = "matched", _("matched partners")
    CONSORTIUM = "consortium", _("consortium members")

    @property
    def rank(self) -> int:
        """0 for *public* up to 3 for *consortium*."""
        return list(Tier).index(self)


class Disclosable(models.Model):
    """A record whose fields are disclosed by tier.

    `DISCLOSURE_DEFAULTS` names every field that is not public by itself; `disclosure` holds what the owner chose
    instead. The record's owner is named by `disclosure_owner_id`.
    """

    DISCLOSURE_DEFAULTS: ClassVar[dict[str, Tier]] = {}
    DISCLOSURE_CHOICES: ClassVar[frozenset[str]] = frozenset()

    disclosure = models.JSONField(
        _("disclosure"), default=dict, blank=True, help_text=_("For each field, the tier that may see it.")
    )

    class Meta:
        abstract = True

    @property
    def disclosure_owner_id(self) -> int:
        """Primary key of the organization that owns the record."""
        raise NotImplementedError

    @classmethod
    def visibility(cls, viewer: Viewer) -> models.Q:
        """Which records exist at all for this viewer."""
        raise NotImplementedError

    def tier_of_field(self, name: str) -> Tier:
        """The tier that may see a field: the owner's choice, else the default, else everybody."""
        chosen = self.disclosure.get(name)
        return Tier(chosen) if chosen else self.DISCLOSURE_DEFAULTS.get(name, Tier.PUBLIC)

    def restricted_parts(self, reached: Tier) -> frozenset[str]:
        """Names of parts with tiers of their own, of which this tier shows what not everybody may see."""
        return frozenset()

    def clean(self) -> None:
        """Refuse unknown fields and tiers in `disclosure`."""
        super().clean()
        if not isinstance(self.disclosure, dict):
            raise ValidationError({"disclosure": _("Give an object of field names and tiers.")})
        known = set(self.DISCLOSURE_DEFAULTS) | self.DISCLOSURE_CHOICES
        for name, tier in self.disclosure.items():
            if name not in known:
                message = _("%(name)s has no disclosure of its own. Those that have: %(known)s.")
                raise ValidationError({"disclosure": message % {"name": name, "known": ", ".join(sorted(known))}})
            if tier not in Tier.values:
                message = _("%(tier)s is no tier. Choose one of %(tiers)s.")
                raise ValidationError({"disclosure": message % {"tier": tier, "tiers": ", ".join(Tier.values)}})


class DisclosureGrant(Dated):
    """One organization opened a higher tier to another, by an introduction, an NDA or a consortium."""

    class Reason(models.TextChoices):
        """Why the tier was opened."""

        INTRODUCTION = "introduction", _("both sides expressed interest")
        NDA = "nda", _("a non-disclosure agreement was accepted")
        CONSORTIUM = "consortium", _("both are members of a consortium")

    owner = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="grants_given", verbose_name=_("owner")
    )
    viewer = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="grants_held", verbose_name=_("viewer")
    )
    tier = models.CharField(_("tier"), max_length=12, choices=Tier)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("disclosure grant")
        verbose_name_plural = _("disclosure grants")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "viewer", "tier", "reason"],
                condition=models.Q(revoked_at__isnull=True),
                name="disclosure_grant_once",
            ),
            models.CheckConstraint(condition=~models.Q(owner=models.F("viewer")), name="disclosure_grant_two_parties"),
            models.CheckConstraint(
                condition=models.Q(tier__in=["matched", "consortium"]), name="disclosure_grant_tier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} → {self.viewer_id}: {self.tier}"


class Reveal(models.Model):
    """The ledger: a viewer was shown restricted fields of a record.

    One row per viewer, record, fields, surface and day.
    """

    class Surface(models.TextChoices):
        """Where the fields were shown."""

        PAGE = "page", _("page")
        API = "api", _("API")
        SEARCH = "search", _("search")
        EXPORT = "export", _("export")
        EXPLANATION = "explanation", _("explanation of a match")
        MAIL = "mail", _("e-mail")
        WEBHOOK = "webhook", _("webhook")
        ADMIN = "admin", _("administration")

    owner = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="reveals", verbose_name=_("owner")
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="reveals_seen",
        verbose_name=_("viewer"),
    )
    record_type = models.CharField(_("record type"), max_length=60)
    record_id = models.BigIntegerField(_("record"))
    fields = models.JSONField(_("fields"))
    fields_key = models.CharField(_("fields, as a key"), max_length=64, editable=False)
    tier = models.CharField(_("tier"), max_length=12, choices=Tier)
    surface = models.CharField(_("surface"), max_length=12, choices=Surface)
    day = models.DateField(_("day"))
    first_at = models.DateTimeField(_("first time that day"), auto_now_add=True)

    class Meta:
        verbose_name = _("reveal")
        verbose_name_plural = _("disclosure ledger")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["viewer", "record_type", "record_id", "fields_key", "surface", "day"],
                name="disclosure_reveal_once_a_day",
            )
        ]
        indexes = [models.Index(fields=["owner", "-day"], name="disclosure_reveal_owner")]

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record_id} {self.fields} → {self.viewer_id}"
