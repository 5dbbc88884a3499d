"""Loading the demo network through the rooms' services, as often as one likes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from consortia.imports.demo.dates import with_dates_moved_on, years_behind
from consortia.imports.demo.equipment import load_facilities
from consortia.imports.demo.faults import FaultLog
from consortia.imports.demo.offers import load_listings
from consortia.imports.demo.parties import load_evidence, load_organizations
from consortia.imports.demo.people import curator_among, load_api_clients, load_memberships, load_people
from consortia.imports.demo.reading import FOLDER, read_network
from consortia.imports.demo.taxonomy import load_taxonomy
from consortia.imports.demo.work import Tally, Work
from consortia.imports.services.outcome import Progress, Silent


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did.

    Attributes:
        tallies: counts by kind of entry.
        years_moved: by how many years the dates of the files were moved on to lie in the future.
    """

    tallies: Mapping[str, Tally]
    years_moved: int


def load_demo_network(*, folder: Path = FOLDER, progress: Progress | None = None) -> Loaded:
    """Bring the database to the state of the demo network's files; loading twice is loading once.

    Everything is one transaction: a network with a fault, or a load that is interrupted, leaves nothing behind. The
    texts of the files win over what was changed here since; what people decided here since (a need that was closed, an
    organization that was suspended, a booking that was cancelled) stays decided.

    Args:
        folder: holds the YAML files.
        progress: told how far it is.

    Raises:
        DemoFaults: naming every fault of the files, with what the services refused.
    """
    network = read_network(folder)
    years = years_behind(network, today=timezone.localdate())
    network = with_dates_moved_on(network, years)
    with transaction.atomic():
        people = load_people(network)
        work = Work(
            network=network,
            actor=curator_among(network, people),
            log=FaultLog(places=network.places),
            progress=progress or Silent(),
        )
        load_taxonomy(work)
        organizations = load_organizations(work)
        load_evidence(work, organizations)
        load_listings(work, organizations)
        load_facilities(work, organizations)
        load_memberships(work, people, organizations)
        load_api_clients(work, people)
        work.log.raise_if_any()
    return Loaded(tallies=work.tallies, years_moved=years)
