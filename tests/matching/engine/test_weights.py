"""The same records under other weights."""

import pytest

from matching.engine import DEFAULT_WEIGHTS, SettingsError
from tests.matching.engine.builders import make_document, make_index, make_need, make_settings, match_one, only

pytestmark = pytest.mark.database_free

DOCUMENTS = [make_document("d1", "bob", trl=(7, 8)), make_document("d2", "dora", trl=(1, 2), supply_role="component")]
NEED = make_need(trl=(5, 7), supply_role="component")


def test_other_weights_give_what_an_index_built_with_them_gives():
    weights = only("text", "trl")
    index = make_index(DOCUMENTS)
    assert match_one(index.with_weights(weights), NEED) == match_one(
        make_index(DOCUMENTS, settings=make_settings(weights=weights)), NEED
    )
    assert dict(index.settings.weights) == dict(DEFAULT_WEIGHTS), "the index itself is as it was"


def test_weights_turn_a_list_around():
    index = make_index(DOCUMENTS)
    for criterion, first in (("trl", "bob"), ("supply_role", "dora")):
        weights = only("text", criterion)
        assert match_one(index.with_weights(weights), NEED).matches[0].organization == first


def test_weights_that_do_not_sum_up_are_refused():
    with pytest.raises(SettingsError, match="sum to"):
        make_index(DOCUMENTS).with_weights({**DEFAULT_WEIGHTS, "text": 90.0})
