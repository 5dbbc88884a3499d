"""A set with graded judgements, read from a folder of JSON lists into the engine's records.

Every file and nearly every field may be missing; what is not known here is ignored and counted, and so is an optional
field that cannot be used. What a ranking stands on must be sound: broken JSON, an entry without a usable id, text or
owner, and a grade that is no number are refused with the file, the entry and the field that are at fault.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from matching.engine import (
    Document,
    Need,
    Organization,
    Route,
    Taxonomy,
    Technology,
    TechnologyFinder,
    TechnologyUse,
    Text,
    written_language,
)
from matching.evaluation.judged_parameters import ParameterReader, check_parameters
from ronghe.common.errors import InvalidInput

ORGANIZATIONS: Final = "organizations.json"
CAPABILITIES: Final = "capabilities.json"
EXPERIENCE: Final = "experience.json"
NEEDS: Final = "needs.json"
QRELS: Final = "qrels.json"

_TEXTS: Final = frozenset({"id", "lang", "title", "summary"})
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    ORGANIZATIONS: frozenset({"id", "names", "type", "country", "region", "sme"}),
    CAPABILITIES: _TEXTS | {"org", "kind", "supply_role", "trl", "technology_labels", "route_labels", "parameters"},
    EXPERIENCE: _TEXTS | {"org", "year"},
    NEEDS: _TEXTS | {"sought_org_types", "supply_role", "trl", "route_locked", "parameters"},
}
_ROLES: Final[Mapping[str, str]] = {
    "material": "basic_material",
    "part": "component",
    "component_part": "component",
    "data": "dataset",
    "test": "testing",
    "verification": "testing",
    "testing_verification": "testing",
}
"""Other words for a place in the supply chain, and what the platform calls it."""
_EARLIEST_YEAR: Final = 1000
_LATEST_YEAR: Final = 9998

Entry = Mapping[str, Any]
Check = Callable[[str, Entry], object]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Needs, what may be ranked for them, and the grades that people gave."""

    organizations: tuple[Organization, ...]
    capabilities: tuple[Document, ...]
    experience: tuple[Document, ...]
    needs: tuple[Need, ...]
    taxonomy: Taxonomy
    """The labels of the capabilities, as technologies and routes of their own."""
    grades: Mapping[str, Mapping[str, float]]
    """By need, the grade of each judged capability or organization."""
    need_languages: Mapping[str, str]
    """Primary language subtag of every need; of one that states none, the language of its script."""
    capability_languages: Mapping[str, str]
    ignored: Mapping[str, int]
    """How often each unknown file or field, or a judgement of something that is not there, was left out."""


def read_judged_set(folder: Path) -> JudgedSet:
    """Read a folder.

    Raises:
        InvalidInput: there is no such folder, no need in it, or an entry that cannot be used.
    """
    if not folder.is_dir():
        message = f"{folder} is not a folder; give one that holds {NEEDS} and the files beside it."
        raise InvalidInput(message, fields={"folder": [message]})
    return _Reader(folder).read()


@dataclass(slots=True)
class _Reader:
    folder: Path
    ignored: Counter[str] = field(default_factory=Counter)

    def read(self) -> JudgedSet:
        rows = {name: self._rows(name) for name in _FIELDS}
        if not rows[NEEDS]:
            raise _fault(NEEDS, "", "it is missing or empty; give at least one need")
        for path in sorted(self.folder.iterdir()):
            if path.name not in {*_FIELDS, QRELS}:
                self.ignored[path.name] += 1
        labels = _Labels(rows[CAPABILITIES])
        parameters = ParameterReader([(name, row) for name in (CAPABILITIES, NEEDS) for row in rows[name]])
        capabilities = tuple(_capability(row, labels, parameters) for row in rows[CAPABILITIES])
        experience = tuple(_experience(row) for row in rows[EXPERIENCE])
        finder = TechnologyFinder(labels.spoken_everywhere())
        needs = tuple(_need(row, finder, parameters) for row in rows[NEEDS])
        organizations = self._organizations(rows[ORGANIZATIONS], (*capabilities, *experience))
        known = {*(item.id for item in organizations), *(item.id for item in capabilities)}
        self.ignored.update(parameters.ignored)
        return JudgedSet(
            organizations=organizations,
            capabilities=capabilities,
            experience=experience,
            needs=needs,
            taxonomy=labels.taxonomy,
            grades=self._grades({need.id for need in needs}, known),
            need_languages=_languages((item.id, item.texts) for item in needs),
            capability_languages=_languages((item.id, item.texts) for item in capabilities),
            ignored=dict(sorted(self.ignored.items())),
        )

    def _rows(self, name: str) -> list[Entry]:
        rows = self._json(name, [])
        if not isinstance(rows, list):
            raise _fault(name, "", "it is not a list; give a JSON list of objects")
        seen: set[str] = set()
        for place, row in enumerate(rows):
            if not isinstance(row, dict):
                raise _fault(name, f"entry {place}", "it is not an object; give one per entry")
            key = _key(name, f"entry {place}", "id", row.get("id"))
            if key in seen:
                raise _fault(name, key, "id: it is there twice; give each entry an id of its own")
            seen.add(key)
            self.ignored.update(f"{name}: {extra}" for extra in row.keys() - _FIELDS[name])
        return [self._usable(name, row) for row in rows]

    def _usable(self, name: str, row: Entry) -> Entry:
        """Return an entry without the optional fields that cannot be used, which are counted."""
        kept = dict(row)
        for wish, check in _OPTIONAL.items():
            if wish in _FIELDS[name] and row.get(wish) is not None:
                try:
                    check(name, row)
                except InvalidInput:
                    del kept[wish]
                    self.ignored[f"{name}: {wish} that cannot be used"] += 1
        return kept

    def _json(self, name: str, otherwise: object) -> Any:
        path = self.folder / name
        if not path.exists():
            return otherwise
        try:
            return json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise _fault(name, "", f"it cannot be read as JSON in UTF-8 ({error})") from error

    def _organizations(self, rows: Iterable[Entry], documents: Sequence[Document]) -> tuple[Organization, ...]:
        """Return the organizations described, and those that only documents name."""
        found = {item.id: item for item in map(_organization, rows)}
        for document in documents:
            found.setdefault(document.organization, Organization(document.organization))
        return tuple(found[name] for name in sorted(found))

    def _grades(self, needs: set[str], known: set[str]) -> dict[str, dict[str, float]]:
        judged = self._json(QRELS, {})
        if not isinstance(judged, dict):
            raise _fault(QRELS, "", "it is not an object; give {need: {capability or organization: grade}}")
        grades: dict[str, dict[str, float]] = {}
        for need, items in judged.items():
            if not isinstance(items, dict):
                raise _fault(QRELS, need, "it is not an object; give {capability or organization: grade}")
            checked = {item: _number(QRELS, need, item, grade) for item, grade in items.items()}
            if need not in needs:
                self.ignored[f"{QRELS}: needs that are not there"] += 1
                continue
            grades[need] = {item: grade for item, grade in checked.items() if item in known}
            self.ignored[f"{QRELS}: items that are not there"] += len(checked) - len(grades[need])
        self.ignored = +self.ignored
        return grades


class _Labels:
    """The taxonomy behind labels: each label, however written, is a technology; a route belongs to those beside it."""

    def __init__(self, rows: Iterable[Entry]) -> None:
        technologies: dict[str, set[str]] = {}
        routes: dict[tuple[str, str], set[str]] = {}
        self._languages: dict[str, set[str]] = {}
        for row in rows:
            language = _primary(_string(CAPABILITIES, str(row["id"]), "lang", row))
            written = _labels(row, "technology_labels")
            for label in written:
                technologies.setdefault(_folded(label), set()).add(label)
                self._languages.setdefault(_folded(label), set()).add(language)
            for route in _labels(row, "route_labels"):
                for technology in written or [route]:
                    technologies.setdefault(_folded(technology), set()).add(technology)
                    self._languages.setdefault(_folded(technology), set()).add(language)
                    routes.setdefault((_folded(technology), _folded(route)), set()).add(route)
        self.taxonomy = Taxonomy(
            tuple(Technology(key, {"und": tuple(sorted(labels))}) for key, labels in sorted(technologies.items())),
            tuple(
                Route(f"{technology}/{route}", technology, {"und": tuple(sorted(labels))})
                for (technology, route), labels in sorted(routes.items())
            ),
        )

    def spoken_everywhere(self) -> Taxonomy:
        """Return the technologies whose label capabilities in every language of the set carry.

        A need that names another one would prefer offers for being written in its own language.
        """
        languages = set().union(*self._languages.values())
        kept = {name for name, spoken in self._languages.items() if spoken == languages}
        return Taxonomy(
            tuple(item for item in self.taxonomy.technologies if item.id in kept),
            tuple(item for item in self.taxonomy.routes if item.technology in kept),
        )

    def uses(self, row: Entry) -> tuple[TechnologyUse, ...]:
        """Return the technologies and routes of a capability."""
        routes = [_folded(label) for label in _labels(row, "route_labels")]
        technologies = [_folded(label) for label in _labels(row, "technology_labels")] or routes
        ids: list[str | None] = [*routes] or [None]
        return tuple(
            TechnologyUse(technology, None if route is None else f"{technology}/{route}")
            for technology in dict.fromkeys(technologies)
            for route in dict.fromkeys(ids)
        )


def _organization(row: Entry) -> Organization:
    name = str(row["id"])
    kind = _string(ORGANIZATIONS, name, "type", row)
    country = _string(ORGANIZATIONS, name, "country", row)
    region = _string(ORGANIZATIONS, name, "region", row)
    return Organization(
        name, type=_word(kind), country=country or None, region=region or None, sme=_flag(ORGANIZATIONS, row, "sme")
    )


def _capability(row: Entry, labels: _Labels, parameters: ParameterReader) -> Document:
    name = str(row["id"])
    kind = _word(_string(CAPABILITIES, name, "kind", row))
    return Document(
        id=name,
        organization=_owner(CAPABILITIES, row),
        kind="facility" if kind == "facility" else "capability",
        texts=_texts(CAPABILITIES, row),
        technologies=labels.uses(row),
        supply_role=_role(CAPABILITIES, row),
        trl=_trl(CAPABILITIES, row),
        parameters=parameters.measured(row),
    )


def _experience(row: Entry) -> Document:
    name, year = str(row["id"]), _year(EXPERIENCE, row)
    return Document(
        # Apart from the capabilities, whose ids a past project may share.
        id=f"experience:{name}",
        organization=_owner(EXPERIENCE, row),
        kind="experience",
        texts=_texts(EXPERIENCE, row),
        day=None if year is None else date(year, 1, 1).toordinal(),
    )


def _need(row: Entry, finder: TechnologyFinder, parameters: ParameterReader) -> Need:
    name, texts = str(row["id"]), _texts(NEEDS, row)
    return Need(
        id=name,
        texts=texts,
        technologies=finder.find(texts),
        route_locked=bool(_flag(NEEDS, row, "route_locked")),
        supply_role=_role(NEEDS, row),
        trl=_trl(NEEDS, row),
        partner_types=frozenset(filter(None, map(_word, _strings(NEEDS, row, "sought_org_types")))),
        parameters=parameters.wanted(row),
    )


def _texts(file: str, row: Entry) -> tuple[Text, ...]:
    title, summary, lang = (_string(file, str(row["id"]), name, row) for name in ("title", "summary", "lang"))
    return (Text(lang or "und", title, summary),)


def _owner(file: str, row: Entry) -> str:
    """Return the organization behind an entry; an entry that names none stands for itself."""
    name = str(row["id"])
    return name if row.get("org") is None else _key(file, name, "org", row["org"])


def _role(file: str, row: Entry) -> str | None:
    role = _word(_string(file, str(row["id"]), "supply_role", row))
    return _ROLES.get(role, role) if role else None


def _trl(file: str, row: Entry) -> tuple[float, float] | None:
    value, name = row.get("trl"), str(row["id"])
    if value is None:
        return None
    levels = value if isinstance(value, list) else [value, value]
    if len(levels) != 2:
        raise _fault(file, name, f"trl: {value!r} is not a pair; give [lowest, highest]")
    low, high = (_number(file, name, "trl", level) for level in levels)
    if not 1 <= low <= high <= 9:
        raise _fault(file, name, f"trl: {value!r} is no span of levels; give two levels from 1 to 9, the lower first")
    return low, high


def _year(file: str, row: Entry) -> int | None:
    value = row.get("year")
    if value is None:
        return None
    year = _number(file, str(row["id"]), "year", value)
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise _fault(file, str(row["id"]), f"year: {year:g} is not a year; give one like 2024")
    return int(year)


def _flag(file: str, row: Entry, name: str) -> bool | None:
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise _fault(file, str(row["id"]), f"{name}: {value!r} is neither true nor false")
    return value


def _labels(row: Entry, name: str) -> list[str]:
    return [label for label in _strings(CAPABILITIES, row, name) if _folded(label)]


def _strings(file: str, row: Entry, name: str) -> list[str]:
    values = row.get(name)
    values = [] if values is None else values if isinstance(values, list) else [values]
    if not all(isinstance(value, str) for value in values):
        raise _fault(file, str(row["id"]), f"{name}: {values!r} holds something that is not text")
    return values


def _string(file: str, entry: str, name: str, row: Entry) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise _fault(file, entry, f"{name}: {value!r} is not text")
    return value or ""


def _number(file: str, entry: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _fault(file, entry, f"{name}: {value!r} is not a number")
    return float(value)


def _key(file: str, entry: str, name: str, value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise _fault(file, entry, f"{name}: {value!r} is no identifier; give a text or a whole number")
    return str(value)


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())


def _word(value: str) -> str | None:
    """Return a choice as the platform spells its own: ``Research institute`` → ``research_institute``."""
    return re.sub(r"\W+", "_", value.strip().lower()).strip("_") or None


def _languages(items: Iterable[tuple[str, tuple[Text, ...]]]) -> dict[str, str]:
    """Return the language of every item; one that states none has that of its script."""
    found: dict[str, str] = {}
    for name, (text, *_others) in items:
        stated = _primary(text.lang)
        found[name] = stated if stated != "und" else written_language(f"{text.title} {text.body}")
    return {name: lang for name, lang in found.items() if lang != "und"}


def _primary(lang: str) -> str:
    return re.split("[-_]", lang.lower(), maxsplit=1)[0] or "und"


def _fault(file: str, entry: str, complaint: str) -> InvalidInput:
    message = f"{file}, {entry}: {complaint}." if entry else f"{file}: {complaint}."
    return InvalidInput(message, code="bad_judged_set", fields={file: [message]})


def _check_word(name: str) -> Check:
    return lambda file, row: _string(file, str(row["id"]), name, row)


def _check_words(name: str) -> Check:
    return lambda file, row: _strings(file, row, name)


def _check_flag(name: str) -> Check:
    return lambda file, row: _flag(file, row, name)


_OPTIONAL: Final[Mapping[str, Check]] = {
    **{name: _check_word(name) for name in ("type", "country", "region", "kind", "supply_role")},
    **{name: _check_words(name) for name in ("technology_labels", "route_labels", "sought_org_types")},
    **{name: _check_flag(name) for name in ("sme", "route_locked")},
    "trl": _trl,
    "year": _year,
    "parameters": check_parameters,
}
"""How each field is checked without which an entry can be ranked all the same."""
