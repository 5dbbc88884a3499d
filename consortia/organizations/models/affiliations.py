"""Which organizations belong together."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.organizations.models.organization import Organization
from ronghe.common.models import Dated


class Affiliation(Dated):
    """Two organizations belong together; they are never matched, and conflicts of interest follow from it."""

    class Kind(models.TextChoices):
        """What `organization` is to `other`."""

        PARENT = "parent", _("parent of")
        SUBSIDIARY = "subsidiary", _("subsidiary of")
        GROUP = "group", _("in one group with")
        HOST = "host", _("host of")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="affiliations", verbose_name=_("organization")
    )
    other = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="affiliated_by", verbose_name=_("other organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(fields=["organization", "other", "kind"], name="organizations_affiliation_once"),
            models.CheckConstraint(
                condition=~models.Q(organization=models.F("other")), name="organizations_affiliation_two_parties"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind} {self.other_id}"
