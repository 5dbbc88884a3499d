"""Small judged sets, written to a folder."""

import json
from pathlib import Path
from typing import Any

ORGANIZATIONS = [
    {"id": "o1", "names": {"en": "Cell works"}, "type": "Research institute", "country": "CN", "sme": False},
    {"id": "o2", "type": "firm", "sme": True},
]
CAPABILITIES = [
    {"id": "c1", "org": "o1", "lang": "zh", "title": "固态电池中试", "summary": "硫化物固态电池软包电芯中试线",
     "trl": [5, 7],
     "technology_labels": ["固态电池", "solid-state battery"], "route_labels": ["硫化物"], "supply_role": "process",
     "parameters": [{"name_zh": "能量密度", "name_en": "energy density", "value": 1.44, "unit": "MJ/kg"}]},
    {"id": "c2", "org": "o2", "lang": "en", "title": "Battery recycling", "summary": "Hydrometallurgy of spent cells",
     "trl": 8, "supply_role": "Process"},
    {"id": "c3", "org": "o2", "lang": "en", "title": "Oxide solid-state battery", "summary": "Oxide ceramic cells",
     "technology_labels": ["solid-state battery"], "route_labels": ["oxide"]},
]  # fmt: skip
EXPERIENCE = [
    {"id": "e1", "org": "o1", "lang": "en", "title": "Solid-state battery research", "summary": "", "year": 2021}
]
NEEDS = [
    {"id": "n1", "lang": "zh", "title": "寻求固态电池中试", "summary": "硫化物固态电池软包电芯，≥300Wh/kg",
     "parameters": [{"name_zh": "能量密度", "value": 300, "unit": "Wh/kg", "operator": "≥"}]},
    {"id": "n2", "lang": "en", "title": "Solid-state battery cells", "summary": "Ceramic oxide cells wanted"},
    {"id": "n3", "lang": "en", "title": "Coral reefs", "summary": ""},
]  # fmt: skip
QRELS = {"n1": {"c1": 3, "c3": 1}, "n2": {"c3": 3, "c1": 1, "c2": 0}, "n3": {"c2": 0}}


def write_set(folder: Path, **files: Any) -> Path:
    """Write the set above, with whole files replaced (or left out where they are None)."""
    contents = {
        "organizations": ORGANIZATIONS,
        "capabilities": CAPABILITIES,
        "experience": EXPERIENCE,
        "needs": NEEDS,
        "qrels": QRELS,
        **files,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if content is not None:
            (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder
