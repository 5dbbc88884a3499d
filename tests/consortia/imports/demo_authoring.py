"""A demo network in miniature, to be changed by tests: one field, three organizations, one of everything."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

FIELD_FILE = "space.yaml"
PEOPLE_FILE = "people.yaml"


def organization(entry_id: str, name: str, **changes: Any) -> dict[str, Any]:
    """A verified Chinese firm, where the changes do not say otherwise."""
    return {
        "id": entry_id,
        "names": {"en": name},
        "type": "firm",
        "sme": True,
        "ownership": "private",
        "size": "small",
        "country": "CN",
        "region": "CN-SN",
        "city": {"en": "Xi'an", "zh-Hans": "西安"},
        "place": [34.3, 108.9],
        "website": "https://demo.example",
        "description": {"en": f"{name} exists in tests only."},
        "verified": True,
        **changes,
    }


def listing(entry_id: str, owner: str, title: str, **changes: Any) -> dict[str, Any]:
    """What needs and capabilities share."""
    return {
        "id": entry_id,
        "organization": owner,
        "lang": "en",
        "title": title,
        "summary": f"{title}, in short.",
        "description": f"{title}, at length.",
        "technologies": [{"id": "spa-thruster", "route": "spa-thruster-hall"}],
        "supply_role": "component",
        "trl": [5, 7],
        "cooperation": ["supplier"],
        "languages": ["en"],
        **changes,
    }


FIELD: dict[str, Any] = {
    "field": {"id": "space", "labels": {"en": "Future space"}},
    "technologies": [
        {
            "id": "spa-thruster",
            "labels": {"en": "Electric thruster", "zh-Hans": "电推力器"},
            "aliases": {"en": ["ion engine"]},
            "definition": {"en": "Accelerates ions."},
            "uses_interfaces": ["iface-bus"],
            "routes": [
                {
                    "id": "spa-thruster-hall",
                    "labels": {"en": "Hall effect"},
                    "convergence": "open",
                    "metrics": [{"name": {"en": "thrust"}, "value": 80, "unit": "mN", "date": "2025-03-01"}],
                }
            ],
        },
        {
            "id": "spa-ion-engine",
            "labels": {"en": "Ion propulsion"},
            "definition": {"en": "Former name of the electric thruster."},
            "replaced_by": "spa-thruster",
        },
    ],
    "interfaces": [{"id": "iface-bus", "name": {"en": "Space bus"}, "standard": "ECSS-E-ST-50C"}],
    "organizations": [
        organization(
            "org-buyer",
            "Huayue Satellites",
            affiliations=[{"to": "org-lab", "kind": "host"}],
            evidence=[
                {
                    "kind": "assessment",
                    "title": "Audit",
                    "issuer": "Qinling Test Services",
                    "assessor": "org-lab",
                    "date": "2025-05-01",
                    "verified": True,
                }
            ],
        ),
        organization("org-maker", "Chixiao Thrusters", verified=False),
        organization("org-lab", "Qinling Test Services", type="service_institution"),
    ],
    "needs": [
        listing(
            "need-1",
            "org-buyer",
            "Hall thrusters wanted",
            kind="supply",
            deadline="2027-06-30",
            budget={"min": 100, "max": 200, "currency": "CNY"},
            parameters=[
                {"name": {"en": "thrust"}, "operator": "ge", "value": 60, "unit": "mN", "disclosure": "public"}
            ],
        )
    ],
    "capabilities": [
        listing("cap-1", "org-maker", "Hall thrusters made here", kind="product", ipr="patented"),
    ],
    "facilities": [
        {
            "id": "fac-1",
            "organization": "org-lab",
            "names": {"en": "Vacuum chamber"},
            "lang": "en",
            "description": "Four metres across.",
            "technologies": [{"id": "spa-thruster"}],
            "trl": [4, 7],
            "services": ["functional_performance"],
            "price": {"amount": 900, "unit": "per_day", "currency": "CNY"},
            "slots": [
                {"start": "2027-03-01", "end": "2027-03-14", "capacity": 2},
                {"start": "2027-09-01", "end": "2027-09-14", "capacity": 1},
            ],
            "bookings": [
                {
                    "organization": "org-maker",
                    "start": "2027-03-01",
                    "end": "2027-03-05",
                    "purpose": "Plume test",
                    "confirmed": True,
                }
            ],
        }
    ],
    "experiences": [
        {
            "id": "exp-1",
            "lang": "en",
            "title": "First flight",
            "abstract": "It flew.",
            "start": "2023-01-01",
            "end": "2024-12-31",
            "participants": [
                {"organization": "org-buyer", "role": "coordinator"},
                {"organization": "org-maker", "role": "participant"},
            ],
        }
    ],
}
PEOPLE: dict[str, Any] = {
    "people": [
        {"id": "p-curator", "email": "c@demo.example", "name": "Cura", "language": "en", "curator": True},
        {
            "id": "p-owner",
            "email": "o@demo.example",
            "name": "Ou",
            "language": "zh-Hans",
            "organization": "org-buyer",
            "role": "owner",
            "client": "ERP",
        },
        {"id": "p-new", "email": "n@demo.example", "name": "Nova", "language": "en"},
    ]
}


class Folder:
    """The files of the miniature network; `field` and `people` are theirs to change before `write`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.field = deepcopy(FIELD)
        self.people = deepcopy(PEOPLE)

    def write(self) -> Path:
        """Put the network into the folder, and return that."""
        for name, content in ((FIELD_FILE, self.field), (PEOPLE_FILE, self.people)):
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            (self.path / name).write_text(_with_dates(text), encoding="utf-8")
        return self.path


def _with_dates(text: str) -> str:
    """YAML's dates stand without quotes."""
    return re.sub(r"'(\d{4}-\d{2}-\d{2})'", r"\1", text)
