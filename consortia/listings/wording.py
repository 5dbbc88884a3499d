"""Coded values and drafts in words that people read."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consortia.listings.disclosed import ListingView
from consortia.listings.models import Capability, CooperationType, IprStatus, Need, SupplyRole
from consortia.organizations.models import Organization

_PLAIN: Final[Mapping[str, str]] = {}
# Name of a field → its label, and the words for its codes.
_CODED: Final[Mapping[str, tuple[str | Promise, Mapping[str, Any]]]] = {
    "supply_role": (_("Supply role"), dict(SupplyRole.choices)),
    "cooperation_types": (_("Cooperation"), dict(CooperationType.choices)),
    "ipr_status": (_("IPR status"), dict(IprStatus.choices)),
    "partner_types": (_("Partners sought"), dict(Organization.Type.choices)),
    "process_stage": (_("Process stage"), dict(Need.ProcessStage.choices)),
    "regions": (_("Regions"), _PLAIN),
    "languages_spoken": (_("Languages spoken"), _PLAIN),
    "eligible_countries": (_("Eligible countries"), _PLAIN),
    "required_certificates": (_("Required certificates"), _PLAIN),
    "blocked_countries": (_("Countries it must not reach"), _PLAIN),
}


def coded_facts(view: ListingView) -> list[tuple[str, str]]:
    """Label and words of every coded field that is shown and not empty."""
    facts = []
    for name, (label, words) in _CODED.items():
        value = view.fields.get(name)
        codes = value if isinstance(value, list) else [value] if value else []
        if codes:
            facts.append((str(label), ", ".join(str(words.get(code, code)) for code in codes)))
    price = view.fields.get("price") or {}
    if price.get("model"):
        facts.append((str(_("Price model")), str(Capability.PriceModel(price["model"]).label)))
    facts += [(str(_("Capacity")), text) for text in (view.fields.get("capacities") or {}).values()]
    return facts


def in_words(value: Any) -> str:
    """A value of a draft as it reads in a table: lists line by line, parts by what they hold."""
    if value is None or value == "":
        return "–"
    if is_dataclass(value):
        held = (getattr(value, item.name) for item in fields(value))
        return " · ".join(in_words(part) for part in held if part not in (None, "", {}, False))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {in_words(part)}" for key, part in value.items()) or "–"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "\n".join(in_words(part) for part in value) or "–"
    return str(value)
