"""What a list holds for the same records and settings belongs to a version of the engine."""

import pytest

from matching.engine import (
    ENGINE_VERSION,
    Document,
    MatchList,
    Need,
    Organization,
    Parameter,
    Settings,
    TechnologyUse,
    Text,
    build_index,
)
from tests.matching.engine.builders import LETTERS, TAXONOMY, TODAY

pytestmark = pytest.mark.database_free

NEED = Need(
    "need",
    "alice",
    texts=(
        Text("en", "Sulfide electrolyte for pouch cells", "We need a solid-state battery of 300 Wh/kg for vehicles."),
    ),
    technologies=(TechnologyUse("ssb", "ssb-sulfide"), TechnologyUse("lithium-metal", weight=0.5)),
    supply_role="component",
    trl=(4, 7),
    mrl=(3, 6),
    partner_types=frozenset({"company"}),
    parameters=(Parameter("specific_energy", "ge", 300.0), Parameter("cost", "le", high=90.0)),
    regions=frozenset({"CN-SH"}),
    place=(31.2, 121.5),
    cooperation_types=frozenset({"joint_development"}),
    languages=frozenset({"en"}),
    interfaces=frozenset({"IEC 62660"}),
    deadline=TODAY + 200,
    budget=(0.0, 500.0),
    as_of=TODAY,
)
DOCUMENTS = (
    Document(
        "bob:cells",
        "bob",
        "capability",
        texts=(
            Text("en", "Solid-state pouch cells", "Cells with sulfide electrolyte reach 310 Wh/kg. Lithium metal."),
        ),
        technologies=(TechnologyUse("ssb", "ssb-sulfide"),),
        supply_role="component",
        trl=(5, 6),
        mrl=(4, 5),
        parameters=(Parameter("specific_energy", "eq", 310.0), Parameter("cost", "eq", 120.0)),
        cooperation_types=frozenset({"joint_development"}),
        regions=frozenset({"CN-SH"}),
        languages=frozenset({"en", "zh-Hans"}),
        interfaces=frozenset({"IEC 62660"}),
        price=(200.0, 600.0),
        capacity=0.5,
        available=(TODAY + 20.0, TODAY + 400.0),
        day=TODAY - 100,
        verified=0.7,
    ),
    Document(
        "carol:foil",
        "carol",
        "capability",
        texts=(Text("zh-Hans", "锂金属箔", "为固态电池提供锂金属箔，厚度20微米。"),),
        technologies=(TechnologyUse("lithium-metal"), TechnologyUse("energy-storage", weight=0.5)),
        supply_role="material",
        trl=(7, 9),
        day=TODAY - 800,
    ),
    *(
        Document(
            f"project/{name}",
            name,
            "experience",
            texts=(
                Text("en", "Vehicles with solid-state battery packs", "Packs of pouch cells were driven for a year."),
            ),
            technologies=(TechnologyUse("ssb", "ssb-oxide"),),
            day=TODAY - 1000,
            role=role,
        )
        for name, role in (("alice", "coordinator"), ("bob", "participant"), ("carol", "participant"))
    ),
)
ORGANIZATIONS = (
    Organization("alice", "company", "CN", "CN-BJ"),
    Organization("bob", "company", "CN", "CN-SH", (31.3, 121.4), sme=True, verification=0.8, day=TODAY - 50),
    Organization("carol", "institute", "DE", "DE-BY", (48.1, 11.6), partners=(("alice", 1.0),), day=TODAY - 500),
)

VERSION = "1.3"
POINTS = {
    "bob": {
        "text": "28.7175",
        "technology": "8.0156",
        "route": "4.0000",
        "trl": "4.6667",
        "mrl": "0.6667",
        "parameters": "3.0000",
        "supply_role": "5.0000",
        "partner_type": "4.0000",
        "region": "1.5000",
        "timing": "1.0000",
        "cost": "2.0000",
        "cooperation": "1.0000",
        "interfaces": "2.0000",
        "languages": "1.0000",
        "track_record": "0.6667",
        "verified_evidence": "1.4000",
        "past_cooperation": "5.9281",
        "freshness": "0.4547",
    },
    "carol": {
        "text": "25.5675",
        "technology": "8.0156",
        "route": "0.0000",
        "trl": "7.0000",
        "supply_role": "0.0000",
        "partner_type": "0.0000",
        "region": "0.0000",
        "track_record": "0.6667",
        "past_cooperation": "5.9281",
        "freshness": "0.2339",
    },
}


def told(found: MatchList) -> dict[str, dict[str, str]]:
    return {
        match.organization: {line.criterion: str(line.points) for line in match.contributions}
        for match in found.matches
    }


def test_points_only_move_with_the_version() -> None:
    """Where this fails because scoring was meant to change, raise `ENGINE_VERSION` and write both anew."""
    index = build_index(DOCUMENTS, ORGANIZATIONS, TAXONOMY, Settings(encoder=LETTERS))
    [found] = index.match([NEED])
    assert (ENGINE_VERSION, told(found)) == (VERSION, POINTS)
