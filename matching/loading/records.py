"""What all loaders share: reading rows in pages, and encoding the parts that records have in common."""

from collections.abc import Callable, Iterable, Iterator, MutableSequence
from decimal import Decimal
from typing import Any, Final, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Model, Prefetch, QuerySet

from consortia.disclosure.models import Tier
from consortia.disclosure.policies import restricted_fields
from consortia.listings.models import Capability, ListingInterface, ListingTechnology, Parameter
from consortia.organizations.models import Organization
from matching import engine

PAGE: Final = 2000
_WHOLE_WORK: Final = frozenset({Capability.PriceModel.PER_PROJECT, Capability.PriceModel.LICENCE})

Problems = MutableSequence[engine.Problem]
"""Takes in what was left out, and why."""
_RowT = TypeVar("_RowT", bound=Model)
_RecordT = TypeVar("_RecordT")

log = structlog.get_logger(__name__)


def paged(rows: "QuerySet[_RowT]") -> "Iterator[_RowT]":
    """All rows by primary key, a page at a time, each page read to its end.

    A cursor that stays open while its reader writes would pin a snapshot: SQLite then refuses the write as soon as
    anybody else has written, and a worker gives signs of life while it reads.
    """
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:PAGE]):
        yield from page
        last = page[-1].pk


def encoded(
    rows: Iterable[_RowT], encode: Callable[[_RowT], _RecordT], name: Callable[[_RowT], str], problems: Problems
) -> Iterator[_RecordT]:
    """The rows as records of the engine; a row that cannot be encoded is named in `problems` and left out."""
    for row in rows:
        try:
            record = encode(row)
        except DatabaseError:
            raise  # no fault of the row's
        except Exception as error:  # one bad row must not keep all others from being matched
            log.exception("matching.record_unreadable", record=name(row))
            problems.append(engine.Problem("document", name(row), "unreadable", f"{type(error).__name__}: {error}"))
        else:
            yield record


def organization_key(pk: int) -> str:
    """The engine's name of an organization."""
    return str(pk)


def need_key(pk: int) -> str:
    """The engine's name of a need."""
    return str(pk)


def with_details(listings: "QuerySet[Any]") -> "QuerySet[Any]":
    """Listings with everything that is encoded of them, in attributes that begin with `loaded_`.

    Lists and not managers, and only the columns that are read: with tens of thousands of listings, making what nobody
    looks at took most of the time.
    """
    interfaces = ListingInterface.objects.select_related("interface").only("listing_id", "mode", "interface__key")
    parameters = Parameter.objects.select_related("quantity").order_by("id")
    return listings.select_related("organization").prefetch_related(
        Prefetch("translations", to_attr="loaded_texts"),
        with_uses(ListingTechnology.objects.only("listing_id", "weight", "technology__key", "route__key")),
        Prefetch("parameters", queryset=parameters, to_attr="loaded_parameters"),
        Prefetch("interface_uses", queryset=interfaces, to_attr="loaded_interfaces"),
    )


def with_uses(uses: "QuerySet[Any]") -> "Prefetch[Any]":
    """The technologies of listings or facilities, in `loaded_uses`."""
    return Prefetch("uses", queryset=uses.select_related("technology", "route"), to_attr="loaded_uses")


def money(amount: Decimal | None, currency: str) -> float | None:
    """An amount in the currency of comparison, by the reference rates of the settings; None when it has none."""
    rate = settings.MATCHING_REFERENCE_RATES.get(currency)
    return None if amount is None or rate is None else float(amount) * rate


def price_of_work(amount: Decimal | None, currency: str, basis: str) -> engine.types.Span | None:
    """What the whole work costs, comparable with budgets.

    Args:
        amount: the price as stated.
        currency: its currency.
        basis: what it is charged for, a price model or unit of price. How many hours or pieces a need takes nobody
            has said, so a price per hour or piece tells nothing about the whole.

    Returns:
        The price twice, as a span in the currency of comparison; None where it is not known.
    """
    price = money(amount, currency) if basis in _WHOLE_WORK else None
    return None if price is None else (price, price)


def place_of(row: Organization) -> tuple[float, float] | None:
    """Latitude and longitude, when both are known."""
    return None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)


def texts_of(row: Any) -> tuple[engine.Text, ...]:
    """A listing's texts in all its languages; what not everybody may read stands in a text of its own."""
    hidden = restricted_fields(row)
    versions: list[Any] = [row, *sorted(row.loaded_texts, key=lambda translation: translation.language)]
    texts: list[engine.Text] = []
    for version in versions:
        parts = {name: getattr(version, name) for name in ("summary", "description")}
        shown = "\n".join(text for name, text in parts.items() if text and name not in hidden)
        secret = "\n".join(text for name, text in parts.items() if text and name in hidden)
        texts.append(engine.Text(lang=version.language, title=version.title, body=shown))
        if secret:
            texts.append(engine.Text(lang=version.language, title="", body=secret, restricted=True))
    return tuple(texts)


def uses_of(row: Any) -> tuple[engine.TechnologyUse, ...]:
    """Technologies of a listing or facility with routes and weights, in a stable order."""
    uses = (
        engine.TechnologyUse(use.technology.key, use.route.key if use.route else None, use.weight)
        for use in row.loaded_uses
    )
    return tuple(sorted(uses, key=lambda use: (use.technology, use.route or "")))


def parameters_of(row: Any) -> tuple[engine.Parameter, ...]:
    """Targets or measured values, in base units."""
    return tuple(_parameter(parameter) for parameter in row.loaded_parameters)


def _parameter(row: Parameter) -> engine.Parameter:
    at_most = row.operator == Parameter.Operator.AT_MOST
    return engine.Parameter(
        quantity=row.quantity.key,
        operator=row.operator,  # type: ignore[arg-type]  # the constraint on the row keeps it to these four
        low=None if at_most else row.base_low,
        high=row.base_low if at_most else row.base_high,
        dimension=row.quantity.dimension,
        tolerance=row.base_tolerance or 0.0,
        restricted=row.tier != Tier.PUBLIC,
    )


def interfaces_of(row: Any, mode: ListingInterface.Mode) -> frozenset[str]:
    """The interfaces that a listing requires, or conforms to."""
    return frozenset(use.interface.key for use in row.loaded_interfaces if use.mode == mode)


def span(low: int | None, high: int | None) -> engine.types.Span | None:
    """A closed span; where only one end is known it is both."""
    known = [float(level) for level in (low, high) if level is not None]
    return (known[0], known[-1]) if known else None
