"""The demo network as a whole: its files, and what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consortia.imports.demo.records import (
    CapabilityEntry,
    ExperienceEntry,
    FacilityEntry,
    FutureField,
    InterfaceEntry,
    NeedEntry,
    OrganizationEntry,
    PersonEntry,
    TechnologyEntry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFile:
    """One YAML file; the file of a field describes that field, the file of the people only people."""

    field: FutureField | None = None
    technologies: tuple[TechnologyEntry, ...] = ()
    interfaces: tuple[InterfaceEntry, ...] = ()
    organizations: tuple[OrganizationEntry, ...] = ()
    needs: tuple[NeedEntry, ...] = ()
    capabilities: tuple[CapabilityEntry, ...] = ()
    facilities: tuple[FacilityEntry, ...] = ()
    experiences: tuple[ExperienceEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()


ENTRY_TYPES: Final[Mapping[str, type]] = {
    "field": FutureField,
    "technologies": TechnologyEntry,
    "interfaces": InterfaceEntry,
    "organizations": OrganizationEntry,
    "needs": NeedEntry,
    "capabilities": CapabilityEntry,
    "facilities": FacilityEntry,
    "experiences": ExperienceEntry,
    "people": PersonEntry,
}


@dataclass(frozen=True, slots=True)
class Network:
    """All files, in the order of their names, and where each entry stands.

    Attributes:
        files: the content by file name.
        places: file name by the id of an entry.
    """

    files: Mapping[str, DemoFile]
    places: Mapping[str, str]

    @property
    def fields(self) -> Sequence[FutureField]:
        """The future-industry fields."""
        return [file.field for file in self.files.values() if file.field]

    @property
    def technologies(self) -> Sequence[TechnologyEntry]:
        """The technologies of all fields."""
        return [entry for file in self.files.values() for entry in file.technologies]

    @property
    def interfaces(self) -> Sequence[InterfaceEntry]:
        """The interfaces of all fields."""
        return [entry for file in self.files.values() for entry in file.interfaces]

    @property
    def organizations(self) -> Sequence[OrganizationEntry]:
        """The organizations of all fields."""
        return [entry for file in self.files.values() for entry in file.organizations]

    @property
    def needs(self) -> Sequence[NeedEntry]:
        """The needs of all fields."""
        return [entry for file in self.files.values() for entry in file.needs]

    @property
    def capabilities(self) -> Sequence[CapabilityEntry]:
        """The capabilities of all fields."""
        return [entry for file in self.files.values() for entry in file.capabilities]

    @property
    def facilities(self) -> Sequence[FacilityEntry]:
        """The facilities of all fields."""
        return [entry for file in self.files.values() for entry in file.facilities]

    @property
    def experiences(self) -> Sequence[ExperienceEntry]:
        """The past projects of all fields."""
        return [entry for file in self.files.values() for entry in file.experiences]

    @property
    def people(self) -> Sequence[PersonEntry]:
        """Who can sign in."""
        return [entry for file in self.files.values() for entry in file.people]

    def broader_ids(self) -> Iterator[tuple[str, str]]:
        """Pairs of a technology's id and the id of what it lies under: what it names, else its file's field."""
        for file in self.files.values():
            for technology in file.technologies:
                above = technology.broader or ((file.field.id,) if file.field else ())
                yield from ((technology.id, parent) for parent in above)
