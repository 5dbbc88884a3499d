"""Worlds of records for the laws: small, crowded and odd, so that ties, gaps and overlaps happen."""

from hypothesis import strategies as st

from matching.engine import Document, Need, Organization, Parameter, TechnologyUse, Text
from tests.matching.engine.builders import TODAY

ORGANIZATIONS = ("alice", "bob", "charlie", "dora", "erin")
WORDS = (
    "solid-state battery", "sulfide electrolyte", "pouch cell", "laser welding", "the", "REBCO tape", "300 Wh/kg",
    "固态电池", "硫化物电解质", "电芯", "激光焊接", "的", "高温超导带材", "储能", "🔋", "\x00",
)  # fmt: skip
TECHNOLOGIES = ("ssb", "sodium-ion", "energy-storage", "hts-tape", "unheard-of")
ROUTES = (None, None, "ssb-sulfide", "ssb-oxide")
COUNTRIES = (None, "CN", "DE")
ROLES = (None, "component", "equipment", "basic_material")
CERTIFICATES = ("ISO 9001", "CNAS")

days = st.none() | st.integers(TODAY - 2000, TODAY + 100)
shares = st.none() | st.floats(0, 1)


def rarely(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    """Mostly nothing: a rule that bars everybody leaves no list to hold a law against."""
    return st.integers(0, 5).flatmap(lambda roll: subsets(values) if roll == 5 else st.just(frozenset()))


def subsets(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


def spans(low: float, high: float) -> st.SearchStrategy[tuple[float, float] | None]:
    bounds = st.tuples(st.floats(low, high), st.floats(low, high))
    return st.none() | bounds.map(lambda pair: (min(pair), max(pair)))


def texts() -> st.SearchStrategy[tuple[Text, ...]]:
    phrase = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
    text = st.builds(Text, st.sampled_from(("en", "zh-Hans", "de", "")), phrase, phrase)
    return st.lists(text, min_size=1, max_size=2).map(tuple) | st.just(())


uses = st.lists(
    st.builds(TechnologyUse, st.sampled_from(TECHNOLOGIES), st.sampled_from(ROUTES), st.sampled_from((0.3, 1.0))),
    max_size=2,
).map(tuple)


def parameters(*, restricted: bool = False) -> st.SearchStrategy[tuple[Parameter, ...]]:
    value = st.integers(0, 5).map(float)
    one = st.builds(
        Parameter, st.sampled_from(("mass", "power")), st.sampled_from(("ge", "le", "eq")), value, value,
        st.sampled_from(("", "kg")), st.sampled_from((0.0, 1.0)), st.just(restricted),
    )  # fmt: skip
    return st.lists(one, max_size=3).map(tuple)


documents = st.lists(
    st.builds(
        Document,
        id=st.uuids(version=4).map(str),
        organization=st.sampled_from(ORGANIZATIONS),
        kind=st.sampled_from(("capability", "facility", "experience")),
        texts=texts(),
        technologies=uses,
        supply_role=st.sampled_from(ROLES),
        trl=spans(1, 9),
        parameters=parameters(),
        interfaces=subsets(("OPC UA", "CAN")),
        languages=subsets(("en", "zh-Hans")),
        price=spans(0, 100),
        capacity=shares,
        day=days,
        valid_until=st.none() | st.integers(TODAY - 10, TODAY + 100),
        role=st.sampled_from((None, "coordinator", "participant")),
        verified=shares,
    ),
    min_size=2,
    max_size=10,
    unique_by=lambda document: document.id,
)

organizations = st.tuples(
    *(
        st.builds(
            Organization,
            id=st.just(name),
            type=st.sampled_from((None, "firm", "university")),
            country=st.sampled_from(COUNTRIES),
            region=st.sampled_from((None, "CN-JS")),
            place=st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
            sme=st.sampled_from((None, True, False)),
            verification=shares,
            suspended=st.sampled_from((False, False, False, True)),
            certificates=subsets(CERTIFICATES),
            affiliates=rarely(ORGANIZATIONS),
            conflicts=rarely(ORGANIZATIONS),
            partners=st.lists(st.tuples(st.sampled_from(ORGANIZATIONS), st.floats(0.1, 9)), max_size=2).map(tuple),
            day=days,
        )
        for name in ORGANIZATIONS
    )
)

needs = st.builds(
    Need,
    id=st.just("need"),
    organization=st.sampled_from((None, "alice", "bob", "stranger")),
    texts=texts(),
    technologies=uses,
    route_locked=st.booleans(),
    supply_role=st.sampled_from(ROLES),
    trl=spans(1, 9),
    partner_types=subsets(("firm", "sme")),
    parameters=parameters(),
    eligible_countries=rarely(("CN", "DE")),
    blocked_countries=rarely(("CN", "DE")),
    required_certificates=rarely(CERTIFICATES),
    declined_organizations=rarely(ORGANIZATIONS),
    regions=subsets(("CN-JS", "DE")),
    interfaces=subsets(("OPC UA", "CAN")),
    languages=subsets(("en", "zh-Hans")),
    budget=spans(0, 100),
    as_of=st.just(TODAY),
)
