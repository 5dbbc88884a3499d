"""Lists for evaluation are the engine's lists."""

import pytest

from matching.evaluation.ranking import rank_needs
from tests.matching.engine.builders import make_document, make_index, make_need, make_settings

pytestmark = pytest.mark.database_free


def test_they_are_the_lists_that_the_engine_gives():
    documents = [make_document(f"d{number}", f"org{number}", trl=(number % 3 + 4, 8)) for number in range(12)]
    index = make_index(documents, settings=make_settings(top_k=5, batch_size=2))
    needs = [
        make_need(id="one", trl=(4, 6)),
        make_need(id="closed", closed=True),
        make_need(id="two", trl=(3, 4)),
        make_need(id="nothing", texts=(), technologies=()),
    ]
    expected = [
        (
            found.need,
            tuple(match.organization for match in found.matches),
            tuple(float(match.score) for match in found.matches),
        )
        for found in index.match(needs)
    ]
    lists = rank_needs(index, needs)
    assert [(ranked.need, ranked.organizations, ranked.scores) for ranked in lists] == expected
    assert [len(ranked.organizations) for ranked in lists] == [5, 0, 5, 0]
