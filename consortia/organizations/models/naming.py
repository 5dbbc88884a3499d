"""By what an organization is known: its names, and its numbers in public registers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.organizations.models.organization import Organization
from ronghe.common.models import Dated
from ronghe.common.text import LanguageTagField, validate_clean_text


class OrganizationName(models.Model):
    """A name an organization is known by, for finding it; official ones mirror `Organization.names`."""

    class Kind(models.TextChoices):
        """What sort of name."""

        OFFICIAL = "official", _("official name")
        SHORT = "short", _("short name")
        ALIAS = "alias", _("alias")
        FORMER = "former", _("former name")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="known_names", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    language = LanguageTagField(_("language"), blank=True)
    text = models.CharField(_("name"), max_length=300, validators=[validate_clean_text])
    folded = models.CharField(_("folded name"), max_length=300, editable=False, db_index=True)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "language", "text"], name="organizations_name_once")
        ]

    def __str__(self) -> str:
        return self.text


class Identifier(Dated):
    """A number that names one organization in a public register. It belongs to one organization only."""

    class Scheme(models.TextChoices):
        """Which register."""

        USCC = "uscc", _("Unified Social Credit Code")
        LEI = "lei", _("Legal Entity Identifier")
        ROR = "ror", _("ROR")
        PIC = "pic", _("EU participant code (PIC)")
        VAT = "vat", _("VAT number")
        DUNS = "duns", _("DUNS number")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="identifiers", verbose_name=_("organization")
    )
    scheme = models.CharField(_("scheme"), max_length=4, choices=Scheme)
    value = models.CharField(_("value"), max_length=40, help_text=_("In the register's compact form."))
    is_verified = models.BooleanField(pgettext_lazy("identifier", "verified"), default=False)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="organizations_identifier_one_owner"),
            models.UniqueConstraint(
                fields=["organization", "scheme"],
                condition=~models.Q(scheme="vat"),
                name="organizations_identifier_one_per_scheme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"
