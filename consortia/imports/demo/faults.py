"""What is wrong with the files of the demo network, all of it at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ronghe.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.

    Attributes:
        file: name of the YAML file.
        id: of the entry; "" when the fault is the file's.
        field: where inside the entry, such as `parameters.0.unit`; "" when it is the entry as a whole.
        message: what is wrong and how to mend it.
    """

    file: str
    id: str
    field: str
    message: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, self.id, self.field) if part)
        return f"{where}: {self.message}"


class DemoFaults(Exception):
    """The demo network cannot be loaded as it is written; nothing was changed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(slots=True)
class FaultLog:
    """Collects faults.

    Attributes:
        places: file name by the id of an entry, once that is known.
    """

    places: Mapping[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """One more fault."""
        self.faults.append(fault)

    def note(self, entry_id: str, field_name: str, message: str) -> None:
        """One more fault of an entry whose place is known."""
        self.add(Fault(self.places.get(entry_id, ""), entry_id, field_name, message))

    @contextmanager
    def collecting(self, entry_id: str, *, prefix: str = "") -> Iterator[None]:
        """Go on after a service has refused an entry, and remember what it said.

        Args:
            entry_id: the entry that the block writes.
            prefix: where in the entry the service's fields lie, such as `routes.0.`.
        """
        try:
            yield
        except DomainError as error:
            for field_name, messages in (error.fields or {"": [error.message]}).items():
                for message in messages:
                    self.note(entry_id, f"{prefix}{field_name}", message)

    def raise_if_any(self) -> None:
        """End here when anything is at fault.

        Raises:
            DemoFaults: something is.
        """
        if self.faults:
            raise DemoFaults(self.faults)
