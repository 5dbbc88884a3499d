"""The law of searches: anybody may vary them at will, so nothing restricted may move what they answer."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Document, Organization, Text, build_index
from tests.matching.engine.builders import LETTERS, TAXONOMY, TODAY, make_settings
from tests.properties import strategies

pytestmark = pytest.mark.database_free

law = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
phrases = st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=5).map(" ".join)


def with_secret(document: Document, secret: str) -> list[Document]:
    """The document with a restricted text, as the platform loads it: whole for needs, its open part for searches."""
    whole = replace(document, texts=(*document.texts, Text("en", "", secret, restricted=True)), reach="needs")
    return [whole, replace(document, id=f"{document.id}/searches", reach="searches")]


@law
@given(
    strategies.documents,
    st.tuples(*(st.builds(Organization, id=st.just(name)) for name in strategies.ORGANIZATIONS)),
    phrases,
    phrases,
    phrases,
)
def test_restricted_texts_move_no_search(
    documents: list[Document], organizations: tuple[Organization, ...], one: str, other: str, asked: str
) -> None:
    found = []
    for secret in (one, other):
        worlds = [part for document in documents for part in with_secret(document, secret)]
        index = build_index(worlds, organizations, TAXONOMY, make_settings(encoder=LETTERS))
        found.append(index.match_text(asked, one, as_of=TODAY))
    assert found[0] == found[1]
    assert all(item.document.endswith("/searches") for match in found[0].matches for item in match.supporting)
