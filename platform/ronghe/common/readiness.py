"""Technology and manufacturing readiness levels, and spans of them."""

from typing import TYPE_CHECKING, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TRL_LOWEST: Final = 1
TRL_HIGHEST: Final = 9  # ISO 16290:2013
MRL_LOWEST: Final = 1
MRL_HIGHEST: Final = 10  # US DoD Manufacturing Readiness Level Deskbook


def trl_field(label: "StrOrPromise") -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """A technology readiness level, 1 to 9, or unknown."""
    return models.PositiveSmallIntegerField(
        label,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(TRL_LOWEST, _("A TRL is a whole number from 1 to 9.")),
            MaxValueValidator(TRL_HIGHEST, _("A TRL is a whole number from 1 to 9.")),
        ],
    )


def mrl_field(label: "StrOrPromise") -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """A manufacturing readiness level, 1 to 10, or unknown."""
    return models.PositiveSmallIntegerField(
        label,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(MRL_LOWEST, _("An MRL is a whole number from 1 to 10.")),
            MaxValueValidator(MRL_HIGHEST, _("An MRL is a whole number from 1 to 10.")),
        ],
    )


def span_constraints(room: str, low: str, high: str, *, highest: int) -> list[models.CheckConstraint]:
    """Both ends within 1..highest, and the low end not above the high end; either end may be unknown."""
    within = models.Q(**{f"{low}__isnull": True}) | models.Q(**{f"{low}__range": (1, highest)})
    within &= models.Q(**{f"{high}__isnull": True}) | models.Q(**{f"{high}__range": (1, highest)})
    ordered = (
        models.Q(**{f"{low}__isnull": True})
        | models.Q(**{f"{high}__isnull": True})
        | models.Q(**{f"{low}__lte": models.F(high)})
    )
    return [
        models.CheckConstraint(condition=within, name=f"{room}_{low}_{high}_range"),
        models.CheckConstraint(condition=ordered, name=f"{room}_{low}_{high}_order"),
    ]
