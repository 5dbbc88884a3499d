"""Checking drafts: every fault is found at once and named by field; a draft that passes becomes unsaved rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeGuard

from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.models import Tier
from consortia.listings.drafts import CapabilityDraft, ListingDraft, NeedDraft
from consortia.listings.models import (
    DESCRIPTION_LENGTH,
    Capability,
    Listing,
    ListingInterface,
    ListingTechnology,
    ListingTranslation,
    Need,
)
from consortia.listings.services.measures import Measure, checked_measure
from consortia.listings.services.references import References
from consortia.organizations.models import Organization
from consortia.technologies.models import Route, Technology
from ronghe.common.text import guess_language
from ronghe.common.validation import Faults, check_record, checked_texts

MOST_TECHNOLOGIES: Final = 20
MOST_PARAMETERS: Final = 50
MOST_INTERFACES: Final = 20
MOST_TRANSLATIONS: Final = 10
CAPACITY_LENGTH: Final = 500

_PARTS: Final = frozenset({"technologies", "parameters", "interfaces", "translations"})
_LISTS: Final = frozenset(
    {
        "cooperation_types",
        "regions",
        "languages_spoken",
        "blocked_countries",
        "partner_types",
        "eligible_countries",
        "required_certificates",
    }
)
_MODELS: Final[Mapping[type[ListingDraft], type[Listing]]] = {NeedDraft: Need, CapabilityDraft: Capability}


@dataclass(slots=True)
class CheckedListing:
    """A draft without faults, as unsaved rows.

    Attributes:
        record: the need or capability, with its own columns filled.
        columns: the names of those columns.
        uses: its technologies.
        measures: its parameters, in the author's units and in base units.
        interfaces: what it conforms to or requires.
        translations: its texts in other languages.
    """

    record: Listing
    columns: tuple[str, ...]
    uses: list[ListingTechnology] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    interfaces: list[ListingInterface] = field(default_factory=list)
    translations: list[ListingTranslation] = field(default_factory=list)


def checked(
    draft: ListingDraft,
    *,
    organization: Organization,
    references: References,
    before: Listing | None = None,
    past_dates: bool = False,
) -> CheckedListing:
    """Check a draft as a whole.

    Args:
        draft: what the author wrote.
        organization: whose listing it will be.
        references: what its keys stand for.
        before: the listing as it stands; a date that was fine when it was written may stay.
        past_dates: accept dates in the past, for archives that tell of what was.

    Raises:
        InvalidInput: naming every fault, not only the first.
    """
    faults = Faults()
    columns = _columns(draft)
    record = _MODELS[type(draft)](organization=organization, **columns)
    result = CheckedListing(record=record, columns=tuple(columns))
    with faults.collecting():
        check_record(record, exclude=["organization", "side"])
    _check_texts(record, faults)
    _check_spans(record, faults)
    if not past_dates:
        _check_dates(record, before, faults)
    if isinstance(record, Need):
        _check_budget(record, faults)
    if isinstance(record, Capability):
        _check_price(record, faults)
    _check_uses(draft, references, result, faults)
    _check_measures(draft, references, result, faults)
    _check_interfaces(draft, references, result, faults)
    _check_translations(draft, result, faults)
    faults.raise_if_any()
    return result


def _columns(draft: ListingDraft) -> dict[str, Any]:
    columns = {item.name: getattr(draft, item.name) for item in fields(draft) if item.name not in _PARTS}
    columns.update({name: _stripped(value) for name, value in columns.items() if isinstance(value, str)})
    columns.update({name: list(columns[name]) for name in _LISTS & columns.keys()})
    columns["disclosure"] = dict(draft.disclosure)
    columns["language"] = columns["language"] or guess_language(f"{draft.title}\n{draft.summary}\n{draft.description}")
    if isinstance(draft, NeedDraft):
        columns["side"] = Listing.Side.NEED
    if isinstance(draft, CapabilityDraft):
        columns["side"] = Listing.Side.CAPABILITY
        columns["capacities"] = dict(draft.capacities)
    return columns


def _stripped(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _check_texts(record: Listing | ListingTranslation, faults: Faults, *, prefix: str = "") -> None:
    if not record.title:
        faults.fields.pop(f"{prefix}title", None)
        faults.add(f"{prefix}title", _("Give a title that says what it is about."))
    # A column of unlimited length takes any text, so its limit is checked by hand.
    if len(record.description) > DESCRIPTION_LENGTH:
        message = _("The description has %(length)d characters. Shorten it to %(longest)d.")
        faults.add(f"{prefix}description", message % {"length": len(record.description), "longest": DESCRIPTION_LENGTH})
    if isinstance(record, Capability):
        with faults.collecting():
            record.capacities = checked_texts(record.capacities, field="capacities", longest=CAPACITY_LENGTH)


def _check_spans(record: Listing, faults: Faults) -> None:
    for name, low, high in (
        ("trl", record.trl_low, record.trl_high),
        ("mrl", record.mrl_low, record.mrl_high),
    ):
        if isinstance(low, int) and isinstance(high, int) and low > high:
            message = _("The span is reversed: %(low)d is above %(high)d. Give the lower level first.")
            faults.add(f"{name}_low", message % {"low": low, "high": high})


def _check_dates(record: Listing, before: Listing | None, faults: Faults) -> None:
    today = timezone.localdate()
    for name in ("valid_until", "deadline"):
        given: date | None = getattr(record, name, None)
        if isinstance(given, date) and given < today and given != getattr(before, name, None):
            message = _("%(date)s is in the past. Give today or a later day.") % {"date": given.isoformat()}
            faults.add(name, message)


def _check_budget(need: Need, faults: Faults) -> None:
    low, high = need.budget_min, need.budget_max
    _check_amount("budget_min", low, need.currency, faults)
    _check_amount("budget_max", high, need.currency, faults)
    if _is_number(low) and _is_number(high) and low > high:
        faults.add("budget_min", _("The budget is reversed: give the lower amount first."))


def _check_price(capability: Capability, faults: Faults) -> None:
    _check_amount("price_amount", capability.price_amount, capability.currency, faults)


def _check_amount(name: str, amount: object, currency: str, faults: Faults) -> None:
    if not _is_number(amount):
        return
    if amount < 0:
        faults.add(name, _("An amount of money cannot be negative."))
    if not currency:
        faults.add("currency", _("Say in which currency the amount is, such as CNY or EUR."))


def _is_number(amount: Any) -> TypeGuard[Decimal]:
    return isinstance(amount, Decimal | int | float) and math.isfinite(amount)


def _within(items: Sequence[object], most: int, name: str, faults: Faults) -> bool:
    if len(items) <= most:
        return True
    faults.add(name, _("Give at most %(most)d of these; there are %(count)d.") % {"most": most, "count": len(items)})
    return False


def _check_uses(draft: ListingDraft, references: References, result: CheckedListing, faults: Faults) -> None:
    if not _within(draft.technologies, MOST_TECHNOLOGIES, "technologies", faults):
        return
    seen: set[tuple[int, int | None]] = set()
    for place, use in enumerate(draft.technologies):
        prefix = f"technologies.{place}."
        with faults.collecting(prefix=prefix):
            technology, route, weight = checked_use(
                references, technology_key=use.technology, route_key=use.route, weight=use.weight
            )
            pair = (technology.pk, route.pk if route else None)
            if pair in seen:
                faults.add(f"{prefix}technology", _("This technology stands twice. Give each once."))
                continue
            seen.add(pair)
            result.uses.append(ListingTechnology(technology=technology, route=route, weight=weight))
    if isinstance(draft, NeedDraft) and draft.route_locked and not any(use.route for use in draft.technologies):
        faults.add("route_locked", _("There is no route to be locked to. Choose one, or take the lock away."))


def checked_use(
    references: References, *, technology_key: str, route_key: str | None, weight: float
) -> tuple[Technology, Route | None, float]:
    """The technology and route that these keys name.

    Raises:
        InvalidInput: a key is unknown, the technology is out of use, the route is another technology's, or the weight
            is not above 0 and at most 1.
    """
    faults = Faults()
    technology = references.technologies.get(technology_key)
    if technology is None:
        faults.add("technology", _("There is no technology “%(key)s”.") % {"key": str(technology_key)[:80]})
    elif technology.status == Technology.Status.DEPRECATED:
        faults.add("technology", _("“%(key)s” is no longer used. Choose another.") % {"key": technology.key})
    route = references.routes.get(route_key) if route_key else None
    if route_key and route is None:
        faults.add("route", _("There is no route “%(key)s”.") % {"key": str(route_key)[:80]})
    elif route is not None and technology is not None and route.technology_id != technology.pk:
        message = _("“%(route)s” is no route of “%(technology)s”. Choose one of its own, or none.")
        faults.add("route", message % {"route": route.key, "technology": technology.key})
    if not (_is_number(weight) and 0 < weight <= 1):
        faults.add("weight", _("A weight is above 0 and at most 1."))
    faults.raise_if_any()
    assert technology is not None  # noqa: S101  # narrows the type: an unknown key has raised above
    return technology, route, float(weight)


def _check_measures(draft: ListingDraft, references: References, result: CheckedListing, faults: Faults) -> None:
    if not _within(draft.parameters, MOST_PARAMETERS, "parameters", faults):
        return
    chosen = draft.disclosure.get("parameters")
    default_tier = Tier(chosen) if chosen in Tier.values else Listing.DISCLOSURE_DEFAULTS["parameters"]
    for place, parameter in enumerate(draft.parameters):
        with faults.collecting(prefix=f"parameters.{place}."):
            result.measures.append(checked_measure(parameter, known=references.quantities, default_tier=default_tier))


def _check_interfaces(draft: ListingDraft, references: References, result: CheckedListing, faults: Faults) -> None:
    if not _within(draft.interfaces, MOST_INTERFACES, "interfaces", faults):
        return
    seen: set[tuple[str, str]] = set()
    for place, use in enumerate(draft.interfaces):
        interface = references.interfaces.get(use.interface)
        if interface is None:
            message = _("There is no interface “%(key)s”.") % {"key": str(use.interface)[:80]}
            faults.add(f"interfaces.{place}.interface", message)
        elif use.mode not in ListingInterface.Mode.values:
            message = _("Choose one of: %(choices)s.") % {"choices": ", ".join(ListingInterface.Mode.values)}
            faults.add(f"interfaces.{place}.mode", message)
        elif (use.interface, use.mode) in seen:
            faults.add(f"interfaces.{place}.interface", _("This interface stands twice. Give each once."))
        else:
            result.interfaces.append(ListingInterface(interface=interface, mode=use.mode))
        seen.add((use.interface, use.mode))


def _check_translations(draft: ListingDraft, result: CheckedListing, faults: Faults) -> None:
    if not _within(draft.translations, MOST_TRANSLATIONS, "translations", faults):
        return
    languages = {result.record.language}
    for place, translation in enumerate(draft.translations):
        prefix = f"translations.{place}."
        row = ListingTranslation(
            language=translation.language.strip(),
            title=_stripped(translation.title),
            summary=_stripped(translation.summary),
            description=_stripped(translation.description),
            is_machine_made=translation.is_machine_made,
        )
        with faults.collecting(prefix=prefix):
            check_record(row, exclude=["listing"])
        _check_texts(row, faults, prefix=prefix)
        if row.language in languages:
            faults.add(f"{prefix}language", _("There is already a text in this language. Give each language once."))
        languages.add(row.language)
        result.translations.append(row)
