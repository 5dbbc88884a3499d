"""Parts of a listing: its translations, technologies and interfaces."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consortia.listings.models.listing import DESCRIPTION_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH, Listing
from consortia.technologies.models import Interface, Route, Technology
from ronghe.common.text import LanguageTagField, validate_clean_text


class ListingTranslation(models.Model):
    """The texts of a listing in another language."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="translations", verbose_name=_("listing")
    )
    language = LanguageTagField(_("language"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_clean_text])
    summary = models.CharField(_("summary"), max_length=SUMMARY_LENGTH, blank=True, validators=[validate_clean_text])
    description = models.TextField(
        _("description"), max_length=DESCRIPTION_LENGTH, blank=True, validators=[validate_clean_text]
    )
    is_machine_made = models.BooleanField(_("machine translation"), default=False)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["listing", "language"], name="listings_translation_once_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.title}"


class ListingTechnology(models.Model):
    """A technology a listing is about, on one of its routes or on any."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="uses", verbose_name=_("listing"))
    technology = models.ForeignKey(
        Technology, on_delete=models.PROTECT, related_name="uses", verbose_name=_("technology")
    )
    route = models.ForeignKey(
        Route, null=True, blank=True, on_delete=models.PROTECT, related_name="uses", verbose_name=_("route")
    )
    weight = models.FloatField(_("weight"), default=1.0, help_text=_("Above 0, at most 1."))

    class Meta:
        verbose_name = _("technology of a listing")
        verbose_name_plural = _("technologies of listings")
        constraints = [
            models.UniqueConstraint(fields=["listing", "technology", "route"], name="listings_use_once"),
            models.UniqueConstraint(
                fields=["listing", "technology"], condition=Q(route__isnull=True), name="listings_use_once_any_route"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=1), name="listings_use_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.technology_id}/{self.route_id or '*'} × {self.weight:g}"


class ListingInterface(models.Model):
    """A listing conforms to an interface, or requires it."""

    class Mode(models.TextChoices):
        """Which of the two."""

        CONFORMS = "conforms", _("conforms to")
        REQUIRES = "requires", _("requires")

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="interface_uses", verbose_name=_("listing")
    )
    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="uses", verbose_name=_("interface"))
    mode = models.CharField(_("mode"), max_length=8, choices=Mode)

    class Meta:
        verbose_name = _("interface of a listing")
        verbose_name_plural = _("interfaces of listings")
        constraints = [models.UniqueConstraint(fields=["listing", "interface", "mode"], name="listings_interface_once")]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.mode} {self.interface_id}"
