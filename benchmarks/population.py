"""Fills an empty platform with organizations, needs and capabilities of invented texts, past the services."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from consortia.listings.models import Capability, Listing, ListingTechnology, Need
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology

TECHNOLOGIES = 200
VOCABULARY = 30_000
WORDS = (30, 90)
"""Fewest and most words of a text: 60 on average, frequencies by Zipf's law."""
ASKERS = 1000
"""Organizations that share the needs among them; capabilities have one organization each."""


class Texts:
    """A reproducible stream of texts of invented words."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
        self._words = [
            "".join(syllables[number // len(syllables) ** place % len(syllables)] for place in range(3))
            for number in range(VOCABULARY)
        ]
        share = 1.0 / np.arange(1, VOCABULARY + 1)
        self._reached = np.cumsum(share / share.sum())

    def text(self) -> str:
        """The next text."""
        length = int(self._draw.integers(WORDS[0], WORDS[1] + 1))
        ranks = np.searchsorted(self._reached, self._draw.random(length)).clip(max=VOCABULARY - 1)
        return " ".join(self._words[rank] for rank in ranks)


def fill_platform(size: int, *, with_texts: bool = True) -> None:
    """Store `size` open needs and `size` open capabilities, each of the latter of an organization of its own."""
    technologies = Technology.objects.bulk_create(
        Technology(key=f"t{number}", labels={"en": f"field {number}"}, status=Technology.Status.ACTIVE)
        for number in range(TECHNOLOGIES)
    )
    _store(Organization, (_organization(number) for number in range(1, size + ASKERS + 1)))
    texts = Texts(seed=11)
    draw = np.random.default_rng(12)
    asked = [_need(number, size, texts.text() if with_texts else "text") for number in range(1, size + 1)]
    offered = [_capability(number, size, texts.text() if with_texts else "text") for number in range(1, size + 1)]
    for rows, kind in ((asked, Need), (offered, Capability)):
        _store(Listing, rows)
        _store(kind, rows)
    _store(
        ListingTechnology,
        (
            ListingTechnology(id=row.pk, listing_id=row.pk, technology=technologies[int(draw.integers(TECHNOLOGIES))])
            for row in (*asked, *offered)
        ),
    )


def _organization(number: int) -> Organization:
    name = f"Organization {number}"
    return Organization(
        id=number,
        names={"en": name},
        display_name=name,
        type=Organization.Type.FIRM,
        country="CN",
        status=Organization.Status.VERIFIED,
        verification_level=1,
    )


def _need(number: int, size: int, text: str) -> Need:
    organization = size + 1 + number % ASKERS
    return Need(**_listing(number, organization, text, Listing.Side.NEED), kind=Need.Kind.RND_PROBLEM)


def _capability(number: int, size: int, text: str) -> Capability:
    fields = _listing(size + number, number, text, Listing.Side.CAPABILITY)
    return Capability(**fields, kind=Capability.Kind.TECHNOLOGY)


def _listing(pk: int, organization: int, text: str, side: str) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "id": pk,
        "listing_ptr_id": pk,
        "side": side,
        "organization_id": organization,
        "language": "en",
        "title": text[:60],
        "description": text,
        "trl_low": 1 + pk % 6,
        "trl_high": 3 + pk % 6,
        "status": Listing.Status.OPEN,
        "published_at": timezone.now(),
        "valid_until": today + timedelta(days=300),
    }


def _store(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """COPY instances into the model's own table; their ids are given, so its sequence is moved past them."""
    fields = model._meta.local_concrete_fields
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for values in _values(fields, rows):
                copy.write_row(values)
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {table}")


def _values(fields: Sequence["models.Field[Any, Any]"], rows: Iterable[models.Model]) -> Iterator[list[Any]]:
    for row in rows:
        yield [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
