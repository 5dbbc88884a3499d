"""Quantity kinds: found by label in any language, made once even by many at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from consortia.listings.models import QuantityKind, QuantityLabel
from consortia.listings.services import obtain_quantity_kind
from ronghe.common.errors import InvalidInput
from ronghe.common.units import BaseQuantity, to_base

THREADS = 16
DENSITY = to_base(300, "Wh/kg")


@pytest.mark.django_db
def test_found_by_folded_label_in_any_language() -> None:
    first = obtain_quantity_kind(labels={"en": "Energy density", "zh-Hans": "能量密度"}, measured=DENSITY)
    assert first.key == "energy-density"
    assert obtain_quantity_kind(labels={"en": "ENERGY  Density"}, measured=DENSITY) == first
    assert obtain_quantity_kind(labels={"zh-Hans": "能量密度"}, measured=DENSITY) == first
    assert QuantityKind.objects.count() == 1


@pytest.mark.django_db
def test_label_in_a_new_language_is_learned() -> None:
    first = obtain_quantity_kind(labels={"en": "Energy density"}, measured=DENSITY)
    obtain_quantity_kind(labels={"en": "Energy density", "de": "Energiedichte"}, measured=DENSITY)
    assert obtain_quantity_kind(labels={"de": "energiedichte"}, measured=DENSITY) == first
    assert QuantityKind.objects.get().labels == {"en": "Energy density", "de": "Energiedichte"}


@pytest.mark.django_db
def test_one_dimension_and_one_kind_per_label() -> None:
    obtain_quantity_kind(labels={"en": "Energy density"}, measured=DENSITY)
    obtain_quantity_kind(labels={"en": "Pressure"}, measured=to_base(1, "MPa"))
    with pytest.raises(InvalidInput) as caught:
        obtain_quantity_kind(labels={"en": "Pressure"}, measured=DENSITY)
    assert caught.value.code == "wrong_dimension"
    with pytest.raises(InvalidInput) as caught:
        obtain_quantity_kind(labels={"en": "Pressure", "de": "Energy density"}, measured=DENSITY)
    assert caught.value.code == "ambiguous_quantity"


@pytest.mark.django_db
def test_namesakes_get_keys_of_their_own() -> None:
    first = obtain_quantity_kind(labels={"en": "C++ rate"}, measured=to_base(1, "1/s"))
    second = obtain_quantity_kind(labels={"en": "C rate –", "zh-Hans": "倍率"}, measured=to_base(1, "1/s"))
    assert first == second
    QuantityKind.objects.create(key="yield", labels={}, dimension="dimensionless")
    assert obtain_quantity_kind(labels={"en": "Yield"}, measured=to_base(1, "")).key == "yield-2"


@pytest.mark.django_db(transaction=True)
def test_many_who_measure_something_new_at_once_make_one_kind() -> None:
    start = Barrier(THREADS)
    measured = BaseQuantity(value=1.0, dimension="[mass]")

    def run(_number: int) -> int:
        try:
            start.wait()
            return obtain_quantity_kind(labels={"en": "Batch mass", "zh-Hans": "批量"}, measured=measured).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(run, range(THREADS)))) == 1
    assert QuantityKind.objects.count() == 1
    assert QuantityLabel.objects.count() == 2
