"""Reading the files of the demo network: all of them are checked before anything is returned."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from consortia.imports.demo.conversion import BROKEN, names_in, record_of
from consortia.imports.demo.faults import Fault, FaultLog
from consortia.imports.demo.network import ENTRY_TYPES, DemoFile, Network

FOLDER: Final = Path(__file__).parent
# The C parser is ten times as fast; PyYAML has it wherever it was built with libyaml.
_SAFE_LOADER: Final[type] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_network(folder: Path = FOLDER) -> Network:
    """Read every YAML file of a folder.

    Raises:
        DemoFaults: naming every fault of shape, every id that stands twice and every one that leads nowhere.
    """
    log = FaultLog()
    raw = {path.name: _load(path, log) for path in sorted(folder.glob("*.yaml"))}
    if not raw:
        log.add(Fault(str(folder), "", "", "There is no YAML file in this folder. Name the folder that holds them."))
    declared = _declared(raw, log)
    places = {entry_id: file for ids in declared.values() for entry_id, file in ids.items()}
    network = Network(files={name: _file_of(name, content, log) for name, content in raw.items()}, places=places)
    _check_names(network, declared, log)
    _check_bookings(network, log)
    log.raise_if_any()
    return network


class _StrictLoader(_SAFE_LOADER):  # type: ignore[misc]  # one of two classes, chosen above
    """Refuses a key that stands twice; YAML would silently take the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  # as the base
        """As the base class, after a look at the keys."""
        seen = set()
        for key_node, _value_node in node.value:
            if key_node.value in seen:
                message = f"the key “{key_node.value}” stands twice"
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def _load(path: Path, log: FaultLog) -> Mapping[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  # it is a safe one
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        log.add(Fault(path.name, "", "", f"This cannot be read as YAML: {' '.join(str(error).split())}."))
        return {}
    if not isinstance(content, Mapping):
        log.add(Fault(path.name, "", "", f"Give sections: {', '.join(ENTRY_TYPES)}."))
        return {}
    return content


def _declared(raw: Mapping[str, Mapping[str, Any]], log: FaultLog) -> dict[str, dict[str, str]]:
    """File name by id, section by section; of faulty entries as well, so that names of them still lead somewhere."""
    declared: dict[str, dict[str, str]] = {}
    places: dict[str, str] = {}
    for name, content in raw.items():
        for section, entry_id in _ids(content):
            if entry_id in places:
                log.add(Fault(name, entry_id, "id", f"This id stands in {places[entry_id]} already. Choose another."))
            places[entry_id] = name
            declared.setdefault(section, {})[entry_id] = name
    return declared


def _ids(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Section and id of everything in a file that has an id; routes lie inside technologies."""
    for section, given in content.items():
        for entry in given if isinstance(given, list) else [given]:
            if entry_id := _id_of(entry):
                yield section, entry_id
            routes = entry.get("routes") if isinstance(entry, Mapping) else None
            for route in routes if isinstance(routes, list) else ():
                if route_id := _id_of(route):
                    yield "routes", route_id


def _id_of(entry: object) -> str:
    given = entry.get("id") if isinstance(entry, Mapping) else None
    return given if isinstance(given, str) else ""


def _file_of(name: str, content: Mapping[str, Any], log: FaultLog) -> DemoFile:
    """The typed file, without the entries that are at fault."""
    sections: dict[str, Any] = {}
    for section, given in content.items():
        if section not in ENTRY_TYPES:
            log.add(Fault(name, "", str(section), f"There is no such section. Use one of: {', '.join(ENTRY_TYPES)}."))
        elif section == "field":
            sections[section] = next(_sound_records(name, section, [given], log), None)
        elif isinstance(given, list):
            sections[section] = tuple(_sound_records(name, section, given, log))
        else:
            log.add(Fault(name, "", section, "Give a list of entries."))
    return replace(DemoFile(), **sections)


def _sound_records(name: str, section: str, given: list[Any], log: FaultLog) -> Iterator[Any]:
    for number, entry in enumerate(given):
        entry_id = _id_of(entry) or f"{section}.{number}"

        def note(place: str, message: str, *, entry_id: str = entry_id) -> None:
            log.add(Fault(name, entry_id, place, message))

        record = record_of(ENTRY_TYPES[section], entry, note)
        if record is not BROKEN:
            yield record


def _check_names(network: Network, declared: Mapping[str, Mapping[str, str]], log: FaultLog) -> None:
    for name, record in _records(network):
        for place, section, target in names_in(record):
            if target not in declared.get(section, {}):
                message = f"There is no “{target}” among the {section}. Add it, or name another."
                log.add(Fault(name, record.id, place, message))


def _check_bookings(network: Network, log: FaultLog) -> None:
    for facility in network.facilities:
        for number, booking in enumerate(facility.bookings):
            if not any(slot.start <= booking.start and booking.end <= slot.end for slot in facility.slots):
                message = "This lies in none of the facility's slots. Choose days within one of them."
                log.add(Fault(network.places[facility.id], facility.id, f"bookings.{number}.start", message))


def _records(network: Network) -> Iterator[tuple[str, Any]]:
    for name, file in network.files.items():
        for item in fields(file):
            content = getattr(file, item.name)
            for record in content if isinstance(content, tuple) else filter(None, [content]):
                yield name, record
