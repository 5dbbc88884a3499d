import pytest

from matching.engine import Document, Exclusion, Match, Need, Organization, TechnologyUse, UnknownOrganizationError
from tests.matching.engine.builders import TODAY, USE, make_document, make_index, make_need, make_settings, match_one

pytestmark = pytest.mark.database_free

OPEN = Document(id="open", organization="dora", kind="capability", technologies=(USE,))


def bob(**fields: object) -> Organization:
    return Organization("bob", country="CN", **fields)


@pytest.mark.parametrize(
    ("code", "need", "organizations"),
    [
        ("own_organization", make_need(organization="bob"), [bob()]),
        ("affiliate", make_need(), [bob(affiliates=frozenset({"alice"}))]),
        ("affiliate", make_need(), [bob(), Organization("alice", affiliates=frozenset({"bob"}))]),
        ("conflict_of_interest", make_need(), [bob(conflicts=frozenset({"alice"}))]),
        ("conflict_of_interest", make_need(), [bob(), Organization("alice", conflicts=frozenset({"bob"}))]),
        ("suspended", make_need(), [bob(suspended=True)]),
        ("declined", make_need(declined_organizations=frozenset({"bob"})), [bob()]),
        ("country_not_eligible", make_need(eligible_countries=frozenset({"DE"})), [bob()]),
        ("country_not_eligible", make_need(eligible_countries=frozenset({"CN"})), [Organization("bob")]),
        ("export_gate", make_need(blocked_countries=frozenset({"CN"})), [bob()]),
        ("export_gate", make_need(blocked_countries=frozenset({"US"})), [Organization("bob")]),
        (
            "certificate_missing",
            make_need(required_certificates=frozenset({"ISO 9001", "CNAS"})),
            [bob(certificates=frozenset({"ISO 9001"}))],
        ),
    ],
)
def test_a_hard_rule_drops_with_its_reason(code: str, need: Need, organizations: list[Organization]) -> None:
    index = make_index([make_document()], organizations)
    found = match_one(index, need)
    assert found.matches == ()
    assert [(item.organization, [reason.code for reason in item.reasons]) for item in found.exclusions] == [
        ("bob", [code])
    ]
    told = index.explain_absence(need, "bob")
    assert isinstance(told, Exclusion)
    assert (told.stage, [reason.code for reason in told.reasons]) == ("hard_rule", [code])


def test_all_reasons_are_given() -> None:
    index = make_index([make_document()], [bob(suspended=True, affiliates=frozenset({"alice"}))])
    [exclusion] = match_one(index, make_need()).exclusions
    assert {reason.code for reason in exclusion.reasons} == {"affiliate", "suspended"}


@pytest.mark.parametrize(
    "need",
    [
        make_need(eligible_countries=frozenset({"CN", "DE"})),
        make_need(blocked_countries=frozenset({"US"})),
        make_need(required_certificates=frozenset({"ISO 9001"})),
        make_need(organization=None),
        make_need(organization="somebody not in the index"),
    ],
)
def test_a_rule_that_is_met_drops_nobody(need: Need) -> None:
    index = make_index([make_document()], [bob(certificates=frozenset({"ISO 9001"}))])
    assert [match.organization for match in match_one(index, need).matches] == ["bob"]


@pytest.mark.parametrize(
    ("code", "document", "need"),
    [
        ("listing_expired", make_document(valid_until=TODAY - 1), make_need()),
        ("not_disclosed", make_document(audience=frozenset({"dora"})), make_need()),
        ("not_disclosed", make_document(audience=frozenset()), make_need(organization=None)),
        (
            "route_locked",
            make_document(technologies=(TechnologyUse("ssb", "ssb-oxide"),)),
            make_need(technologies=(TechnologyUse("ssb", "ssb-sulfide"),), route_locked=True),
        ),
    ],
)
def test_a_document_rule_silences_the_document(code: str, document: Document, need: Need) -> None:
    index = make_index([document, OPEN])
    assert [match.organization for match in match_one(index, need).matches] == ["dora"]
    told = index.explain_absence(need, "bob")
    assert isinstance(told, Exclusion)
    assert (told.stage, [reason.code for reason in told.reasons]) == ("hard_rule", [code])


@pytest.mark.parametrize(
    ("document", "need"),
    [
        (make_document(valid_until=TODAY), make_need()),
        (make_document(audience=frozenset({"alice"})), make_need()),
        (make_document(), make_need(technologies=(TechnologyUse("ssb", "ssb-sulfide"),), route_locked=True)),
        (
            make_document(technologies=(TechnologyUse("ssb", "ssb-oxide"), TechnologyUse("ssb", "ssb-sulfide"))),
            make_need(technologies=(TechnologyUse("ssb", "ssb-sulfide"),), route_locked=True),
        ),
        (
            make_document(technologies=(TechnologyUse("ssb", "ssb-oxide"),)),
            make_need(technologies=(TechnologyUse("ssb", "ssb-sulfide"),)),
        ),
    ],
)
def test_a_document_that_meets_the_rules_speaks(document: Document, need: Need) -> None:
    assert len(match_one(make_index([document]), need).matches) == 1


@pytest.mark.parametrize(
    ("code", "need"), [("need_closed", make_need(closed=True)), ("need_expired", make_need(deadline=TODAY - 1))]
)
def test_a_need_that_is_over_takes_no_matches(code: str, need: Need) -> None:
    index = make_index([make_document()])
    found = match_one(index, need)
    assert found.matches == ()
    assert found.problem is not None
    assert found.problem.code == code
    assert index.explain_absence(need, "bob").reasons[0].code == code


def test_an_organization_in_the_list_is_returned_as_its_match() -> None:
    index = make_index([make_document()])
    told = index.explain_absence(make_need(), "bob")
    assert isinstance(told, Match)
    assert told == match_one(index, make_need()).matches[0]


def test_one_below_the_cut_hears_its_rank_and_score() -> None:
    documents = [make_document(f"d{i}", f"org{i}", trl=(1, i + 1)) for i in range(4)]
    index = make_index(documents, settings=make_settings(top_k=2))
    told = index.explain_absence(make_need(trl=(1, 4)), "org0")
    assert isinstance(told, Exclusion)
    assert told.stage == "below_cut"
    assert told.match is not None
    assert (told.match.rank, told.reasons[0].args["rank"]) == (4, 4)
    assert told.reasons[0].args["score"] < told.reasons[0].args["cut"]


def test_one_below_the_shortlist_hears_its_position() -> None:
    documents = [make_document(f"d{i}", f"org{i}") for i in range(3)]
    index = make_index(documents, settings=make_settings(top_k=1, shortlist=2))
    told = index.explain_absence(make_need(), "org2")
    assert (told.stage, told.reasons[0].code, told.reasons[0].args["position"]) == (
        "not_retrieved",
        "below_shortlist",
        3,
    )


def test_one_with_nothing_to_say_hears_so() -> None:
    other = make_document("far", "erin", texts=(), technologies=(TechnologyUse("hts-tape"),))
    index = make_index([make_document(), other], [Organization("frank")])
    assert index.explain_absence(make_need(), "erin").reasons[0].code == "too_little_in_common"
    assert index.explain_absence(make_need(), "frank").reasons[0].code == "no_documents"


def test_an_unknown_organization_is_an_error() -> None:
    with pytest.raises(UnknownOrganizationError, match="nobody"):
        make_index([make_document()]).explain_absence(make_need(), "nobody")
