"""A set with graded judgements, read from a folder of JSON lists into the engine's records.

Every file and nearly every field may be missing; what is not known here is ignored and counted, and so is an optional
field that cannot be used. What a ranking stands on must be sound: broken JSON, an entry without a usable id, text or
owner, and a grade that is no number are refused with the file, the entry and the field that are at fault.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from matching.engine import Document, Need, Organization, Taxonomy, TechnologyFinder, Text, written_language
from matching.evaluation.judged_entries import (
    CAPABILITIES,
    EXPERIENCE,
    NEEDS,
    ORGANIZATIONS,
    QRELS,
    Entry,
    as_choice,
    fault,
    primary_language,
    read_flag,
    read_key,
    read_levels,
    read_number,
    read_role,
    read_string,
    read_strings,
    read_year,
)
from matching.evaluation.judged_labels import Labels
from matching.evaluation.judged_parameters import ParameterReader, check_parameters
from ronghe.common.errors import InvalidInput

_TEXTS: Final = frozenset({"id", "lang", "title", "summary"})
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    ORGANIZATIONS: frozenset({"id", "names", "type", "country", "region", "sme"}),
    CAPABILITIES: _TEXTS | {"org", "kind", "supply_role", "trl", "technology_labels", "route_labels", "parameters"},
    EXPERIENCE: _TEXTS | {"org", "year"},
    NEEDS: _TEXTS | {"sought_org_types", "supply_role", "trl", "route_locked", "parameters"},
}

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
            raise fault(NEEDS, "", "it is missing or empty; give at least one need")
        for path in sorted(self.folder.iterdir()):
            if path.name not in {*_FIELDS, QRELS}:
                self.ignored[path.name] += 1
        labels = Labels(rows[CAPABILITIES])
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
            raise fault(name, "", "it is not a list; give a JSON list of objects")
        seen: set[str] = set()
        for place, row in enumerate(rows):
            if not isinstance(row, dict):
                raise fault(name, f"entry {place}", "it is not an object; give one per entry")
            key = read_key(name, f"entry {place}", "id", row.get("id"))
            if key in seen:
                raise fault(name, key, "id: it is there twice; give each entry an id of its own")
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
            raise fault(name, "", f"it cannot be read as JSON in UTF-8 ({error})") from error

    def _organizations(self, rows: Iterable[Entry], documents: Sequence[Document]) -> tuple[Organization, ...]:
        """Return the organizations described, and those that only documents name."""
        found = {item.id: item for item in map(_organization, rows)}
        for document in documents:
            found.setdefault(document.organization, Organization(document.organization))
        return tuple(found[name] for name in sorted(found))

    def _grades(self, needs: set[str], known: set[str]) -> dict[str, dict[str, float]]:
        judged = self._json(QRELS, {})
        if not isinstance(judged, dict):
            raise fault(QRELS, "", "it is not an object; give {need: {capability or organization: grade}}")
        grades: dict[str, dict[str, float]] = {}
        for need, items in judged.items():
            if not isinstance(items, dict):
                raise fault(QRELS, need, "it is not an object; give {capability or organization: grade}")
            checked = {item: read_number(QRELS, need, item, grade) for item, grade in items.items()}
            if need not in needs:
                self.ignored[f"{QRELS}: needs that are not there"] += 1
                continue
            grades[need] = {item: grade for item, grade in checked.items() if item in known}
            self.ignored[f"{QRELS}: items that are not there"] += len(checked) - len(grades[need])
        self.ignored = +self.ignored
        return grades


def _organization(row: Entry) -> Organization:
    name = str(row["id"])
    kind = read_string(ORGANIZATIONS, row, "type")
    country = read_string(ORGANIZATIONS, row, "country")
    region = read_string(ORGANIZATIONS, row, "region")
    return Organization(
        name,
        type=as_choice(kind),
        country=country or None,
        region=region or None,
        sme=read_flag(ORGANIZATIONS, row, "sme"),
    )


def _capability(row: Entry, labels: Labels, parameters: ParameterReader) -> Document:
    name = str(row["id"])
    kind = as_choice(read_string(CAPABILITIES, row, "kind"))
    return Document(
        id=name,
        organization=_owner(CAPABILITIES, row),
        kind="facility" if kind == "facility" else "capability",
        texts=_texts(CAPABILITIES, row),
        technologies=labels.uses(row),
        supply_role=read_role(CAPABILITIES, row),
        trl=read_levels(CAPABILITIES, row),
        parameters=parameters.measured(row),
    )


def _experience(row: Entry) -> Document:
    name, year = str(row["id"]), read_year(EXPERIENCE, row)
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
        route_locked=bool(read_flag(NEEDS, row, "route_locked")),
        supply_role=read_role(NEEDS, row),
        trl=read_levels(NEEDS, row),
        partner_types=frozenset(filter(None, map(as_choice, read_strings(NEEDS, row, "sought_org_types")))),
        parameters=parameters.wanted(row),
    )


def _texts(file: str, row: Entry) -> tuple[Text, ...]:
    title, summary, lang = (read_string(file, row, name) for name in ("title", "summary", "lang"))
    return (Text(lang or "und", title, summary),)


def _owner(file: str, row: Entry) -> str:
    """Return the organization behind an entry; an entry that names none stands for itself."""
    name = str(row["id"])
    return name if row.get("org") is None else read_key(file, name, "org", row["org"])


def _languages(items: Iterable[tuple[str, tuple[Text, ...]]]) -> dict[str, str]:
    """Return the language of every item; one that states none has that of its script."""
    found: dict[str, str] = {}
    for name, (text, *_others) in items:
        stated = primary_language(text.lang)
        found[name] = stated if stated != "und" else written_language(f"{text.title} {text.body}")
    return {name: lang for name, lang in found.items() if lang != "und"}


def _check_word(name: str) -> Check:
    return lambda file, row: read_string(file, row, name)


def _check_words(name: str) -> Check:
    return lambda file, row: read_strings(file, row, name)


def _check_flag(name: str) -> Check:
    return lambda file, row: read_flag(file, row, name)


_OPTIONAL: Final[Mapping[str, Check]] = {
    **{name: _check_word(name) for name in ("type", "country", "region", "kind", "supply_role")},
    **{name: _check_words(name) for name in ("technology_labels", "route_labels", "sought_org_types")},
    **{name: _check_flag(name) for name in ("sme", "route_locked")},
    "trl": read_levels,
    "year": read_year,
    "parameters": check_parameters,
}
"""How each field is checked without which an entry can be ranked all the same."""
