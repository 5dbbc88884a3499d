"""Concepts of an outside scheme."""

import pytest

from consortia.technologies.models import Technology, TechnologyLabel, TechnologyRelation
from consortia.technologies.services import ImportedConcept, import_concepts
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.events.models import Event

pytestmark = pytest.mark.django_db

CONCEPTS = [
    ImportedConcept(key="esv-natural", labels={"en": "natural sciences"}),
    ImportedConcept(key="esv-chemical", labels={"en": "chemical sciences"}, broader_keys=["esv-natural"]),
    ImportedConcept(key="esv-electro", labels={"en": "electrochemistry"}, broader_keys=["esv-chemical"]),
]


def test_concepts_are_active_labelled_and_ordered() -> None:
    ids = import_concepts(scheme="euroscivoc", concepts=CONCEPTS)
    electro = Technology.objects.get(pk=ids["esv-electro"])
    assert (electro.status, electro.scheme) == ("active", "euroscivoc")
    assert electro.known_labels.get().folded == "electrochemistry"
    assert electro.relations.get().target.key == "esv-chemical"


def test_twice_is_once() -> None:
    ids = import_concepts(scheme="euroscivoc", concepts=CONCEPTS)
    assert import_concepts(scheme="euroscivoc", concepts=CONCEPTS) == ids
    assert TechnologyRelation.objects.count() == 2
    assert Event.objects.filter(kind="technology.imported").count() == 1


def test_a_new_label_takes_the_place_of_the_old() -> None:
    import_concepts(scheme="euroscivoc", concepts=CONCEPTS)
    changed = ImportedConcept(key="esv-natural", labels={"en": "nature"})
    import_concepts(scheme="euroscivoc", concepts=[changed])
    technology = Technology.objects.get(key="esv-natural")
    assert (technology.labels, technology.version) == ({"en": "nature"}, 2)
    assert TechnologyLabel.objects.get(technology=technology).text == "nature"


def test_all_faults_are_named_by_key_and_nothing_is_written() -> None:
    wrong = [
        ImportedConcept(key="Not a key", labels={"en": "x"}),
        ImportedConcept(key="esv-empty", labels={}),
        *CONCEPTS,
    ]
    with pytest.raises(InvalidInput) as refusal:
        import_concepts(scheme="euroscivoc", concepts=wrong)
    assert set(refusal.value.fields) == {"Not a key", "esv-empty"}
    assert not Technology.objects.exists()


def test_an_unknown_parent_is_named() -> None:
    orphan = ImportedConcept(key="esv-orphan", labels={"en": "orphan"}, broader_keys=["esv-nobody"])
    with pytest.raises(InvalidInput) as refusal:
        import_concepts(scheme="euroscivoc", concepts=[orphan])
    assert list(refusal.value.fields) == ["esv-nobody"]
    assert not Technology.objects.exists()


def test_a_circle_is_refused() -> None:
    circle = [
        ImportedConcept(key="esv-aa", labels={"en": "a"}, broader_keys=["esv-bb"]),
        ImportedConcept(key="esv-bb", labels={"en": "b"}, broader_keys=["esv-aa"]),
    ]
    with pytest.raises(Conflict) as refusal:
        import_concepts(scheme="euroscivoc", concepts=circle)
    assert refusal.value.code == "broader_cycle"
    assert not Technology.objects.exists()


def test_keys_of_the_own_scheme_are_not_taken(battery: Technology) -> None:
    with pytest.raises(Conflict):
        import_concepts(scheme="euroscivoc", concepts=[ImportedConcept(key="ene-battery", labels={"en": "x"})])


def test_a_thousand_concepts_take_few_queries(django_assert_max_num_queries: object) -> None:
    tree = [
        ImportedConcept(
            key=f"esv-{number}", labels={"en": f"L {number}"}, broader_keys=[f"esv-{number // 2}"] if number > 1 else []
        )
        for number in range(1, 1001)
    ]
    with django_assert_max_num_queries(60):
        assert len(import_concepts(scheme="euroscivoc", concepts=tree)) == 1000
