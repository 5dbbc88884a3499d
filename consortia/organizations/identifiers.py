"""Identifiers of organizations: their compact forms and checksums, register by register."""

import re
from collections.abc import Callable
from typing import Final

import stdnum.cn.uscc
import stdnum.eu.vat
import stdnum.lei
from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError as InvalidNumber

from consortia.organizations.models import Identifier
from ronghe.common.errors import InvalidInput

Scheme = Identifier.Scheme

ROR_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_ROR: Final = re.compile(rf"0[{ROR_ALPHABET}]{{6}}[0-9]{{2}}")
_ROR_ADDRESS: Final = re.compile(r"^(https?://)?ror\.org/", re.IGNORECASE)
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_VAT: Final = re.compile(r"([A-Z]{2})([A-Z0-9]{2,20})")
_SEPARATORS: Final = re.compile(r"[\s.\-/]")
# Registers that write a country otherwise than ISO 3166 does.
_VAT_COUNTRIES: Final = {"EL": "gr", "XI": "gb"}
LONGEST: Final = 64


def compact_identifier(scheme: str, value: str, *, field: str = "value") -> str:
    """The register's compact form of an identifier whose checksum is right.

    Args:
        scheme: one of `Identifier.Scheme`.
        value: as people write it, with spaces, dots and hyphens, or as an address.
        field: the input field that an error names.

    Raises:
        InvalidInput: the scheme is unknown, or the value is none of its identifiers.
    """
    if scheme not in _COMPACT:
        message = _("Choose one of: %(schemes)s.") % {"schemes": ", ".join(Scheme.values)}
        raise InvalidInput(message, code="unknown_scheme", fields={"scheme": [message]})
    compact, remedy = _COMPACT[Scheme(scheme)]
    try:
        if len(value) > LONGEST:
            raise InvalidNumber
        return compact(value.strip())
    except InvalidNumber as error:
        message = remedy()
        raise InvalidInput(message, code="invalid_identifier", fields={field: [message]}) from error


def _compact_ror(value: str) -> str:
    """ROR: a leading 0, six characters of Crockford's base 32, and two check digits.

    The check digits are ISO 7064 MOD 97-10 over the number that the first seven characters write
    (https://ror.readme.io/docs/identifier).
    """
    compact = _ROR_ADDRESS.sub("", value).lower()
    if not _ROR.fullmatch(compact):
        raise InvalidNumber
    number = 0
    for char in compact[:7]:
        number = number * len(ROR_ALPHABET) + ROR_ALPHABET.index(char)
    if compact[7:] != f"{98 - number * 100 % 97:02d}":
        raise InvalidNumber
    return compact


def _compact_nine_digits(value: str) -> str:
    """PIC and DUNS: nine digits; neither register publishes a check digit that all its numbers satisfy."""
    compact = _SEPARATORS.sub("", value)
    if not _NINE_DIGITS.fullmatch(compact):
        raise InvalidNumber
    return compact


def _compact_vat(value: str) -> str:
    """VAT with the country's prefix: by the European rules in the Union, by the national ones elsewhere."""
    compact = _SEPARATORS.sub("", value).upper()
    parts = _VAT.fullmatch(compact)
    if parts is None:
        raise InvalidNumber
    prefix, number = parts.groups()
    country = _VAT_COUNTRIES.get(prefix, prefix.lower())
    if country in stdnum.eu.vat.MEMBER_STATES:
        return str(stdnum.eu.vat.validate(compact))
    register = get_cc_module(country, "vat")
    if register is None:
        raise InvalidNumber
    # Switzerland and others have the prefix inside the number, most have not.
    checked = str(register.validate(compact if register.is_valid(compact) else number))
    return checked if checked.startswith(prefix) else prefix + checked


_COMPACT: Final[dict[Scheme, tuple[Callable[[str], str], Callable[[], str]]]] = {
    Scheme.USCC: (
        stdnum.cn.uscc.validate,
        lambda: _("This is no Unified Social Credit Code: it has 18 digits and letters, as on the business licence."),
    ),
    Scheme.LEI: (
        stdnum.lei.validate,
        lambda: _("This is no LEI: it has 20 digits and letters. Look it up at gleif.org."),
    ),
    Scheme.ROR: (
        _compact_ror,
        lambda: _("This is no ROR: it looks like https://ror.org/05dxps055. Look it up at ror.org."),
    ),
    Scheme.PIC: (_compact_nine_digits, lambda: _("A PIC has nine digits, as in the EU Participant Register.")),
    Scheme.VAT: (
        _compact_vat,
        lambda: _(
            "This VAT number cannot be verified: give it with the country's two letters, such as DE136695976, "
            "or give another identifier."
        ),
    ),
    Scheme.DUNS: (_compact_nine_digits, lambda: _("A DUNS number has nine digits, such as 15-048-3782.")),
}
