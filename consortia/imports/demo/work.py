"""What the parts of the loader share: the network, who acts, what was counted and what is at fault."""

from dataclasses import dataclass, field
from typing import Final

from consortia.disclosure.viewer import Viewer
from consortia.imports.demo.faults import FaultLog
from consortia.imports.demo.network import Network
from consortia.imports.services.outcome import Progress

# What rows of the demo network carry as their source; their id in the source is the id in the YAML files.
SOURCE: Final = "demo"


@dataclass(slots=True)
class Tally:
    """What became of the entries of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, *, created: bool = False, updated: bool = False) -> None:
        """One more entry."""
        self.created += created
        self.updated += updated and not created
        self.unchanged += not (created or updated)


@dataclass(slots=True, kw_only=True)
class Work:
    """One load on its way.

    Attributes:
        network: what is to be there in the end.
        actor: the demo curator, on whose behalf the services are called.
        log: what the services refused.
        progress: told how far it is.
        tallies: counts by the kind of entry.
    """

    network: Network
    actor: Viewer
    log: FaultLog
    progress: Progress
    tallies: dict[str, Tally] = field(default_factory=dict)

    def tally(self, kind: str) -> Tally:
        """The counts of a kind of entry, which appears in the summary from now on."""
        return self.tallies.setdefault(kind, Tally())
