"""Small archives of funding topics, written by the tests that read them."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TOPIC = {
    "reference": "1TOPICSen",
    "topicId": "HORIZON-CL5-2026-01-D2-01",
    "title": "Next-generation electrolysers",
    "programme": "Horizon Europe",
    "actionType": "RIA",
    "callIdentifier": "HORIZON-CL5-2026-01",
    "callTitle": "Cross-sectoral solutions",
    "deadline": "2026-09-01",
    "budgetMin": 3_000_000,
    "budgetMax": 4_000_000,
    "keywords": "HORIZON-CL5-2026-01-D2-01, HORIZON-CL5-2026-01, Electrochemistry, Hydrogen storage",
    "portalUrl": "https://portal.example/topic-details/horizon-cl5-2026-01-d2-01",
    "description": "Expected Outcome:Cheaper hydrogen.Scope:Proposals should lower the load of iridium."
    "nullActivities are expected to start at TRL 3 and achieve TRL 5 by the end of the project.",
    "objectives": "",
    "topicConditions": "",
}


def topic(**fields: Any) -> dict[str, Any]:
    return {**TOPIC, **fields}


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    # Without the time of day in it, so that the same topics are the same archive.
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    return path


def write_topics(path: Path, topics: Iterable[Mapping[str, Any]]) -> Path:
    return write_lines(path, (json.dumps(content) for content in topics))
