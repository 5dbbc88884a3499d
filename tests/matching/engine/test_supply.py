"""Who supplies a thing and who needs the same thing speak of it in the same words, and must not be confused."""

import pytest

from matching.engine import TechnologyUse, Text
from tests.matching.engine.builders import find, make_document, make_index, make_need, match_one, points

pytestmark = pytest.mark.database_free

FOIL = Text("en", "Lithium metal foil", "Lithium metal foil of 20 µm for the anodes of solid-state batteries.")


def test_who_builds_on_a_technology_does_not_supply_it():
    """A battery depends on the foil: its maker buys foil, and offers none to who looks for it."""
    maker = make_document("cells", "bob", texts=(FOIL,), technologies=(TechnologyUse("ssb"),))
    supplier = make_document("foil", "dora", texts=(FOIL,), technologies=(TechnologyUse("lithium-metal"),))
    index = make_index([maker, supplier])
    wanted = make_need(texts=(FOIL,), technologies=(TechnologyUse("lithium-metal"),))
    found = match_one(index, wanted).matches
    assert [match.organization for match in found] == ["dora", "bob"]
    assert points(find(found, "bob"), "technology") == 0

    # The other way round the foil does count: a battery cannot be made without it.
    battery = match_one(index, make_need(texts=(FOIL,), technologies=(TechnologyUse("ssb"),))).matches
    assert (points(find(battery, "dora"), "technology") or 0) > 0


def test_the_same_words_in_another_role_come_after_the_role_sought():
    """Equal texts: the one who supplies the material precedes who works it into parts, runs tests on it or uses it."""
    roles = {"a-user": "integration", "b-tester": "testing", "c-part": "component", "d-supplier": "basic_material"}
    documents = [make_document(name, name, texts=(FOIL,), supply_role=role) for name, role in roles.items()]
    index = make_index([*documents, make_document("e-silent", "e-silent", texts=(FOIL,))])
    found = match_one(index, make_need(texts=(FOIL,), supply_role="basic_material")).matches
    assert [match.organization for match in found][:2] == ["d-supplier", "c-part"]
    assert [points(find(found, name), "supply_role") for name in ("a-user", "b-tester", "e-silent")] == [0, 0, None]
