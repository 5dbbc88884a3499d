"""ISO 3166 codes of countries and their regions, as far as form goes."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

validate_country = RegexValidator(
    r"^[A-Z]{2}$", _("Give the two-letter ISO 3166-1 code, such as CN or DE."), code="country"
)
validate_region = RegexValidator(
    r"^[A-Z]{2}-[A-Z0-9]{1,3}$", _("Give the ISO 3166-2 code, such as CN-JS or DE-BY."), code="region"
)
