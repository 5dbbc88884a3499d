"""The registry of readers: who acts on which kinds of event. A reader lives in the room that acts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ronghe.events.models import Event

Handler = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, what, and how many events it takes at once."""

    name: str
    kinds: frozenset[str]
    handler: Handler
    batch_size: int


_READERS: Final[dict[str, Reader]] = {}


def reader(name: str, *, kinds: Iterable[str], batch_size: int = 200) -> Callable[[Handler], Handler]:
    """Register a function that acts on batches of events, oldest first.

    The handler runs inside a transaction with the mark that the events are done, and must be idempotent all the
    same: what it does outside the database may happen twice.

    Args:
        name: stable name, kept with every delivery.
        kinds: the kinds of event it wants.
        batch_size: how many events it takes at once, at most.

    Raises:
        ValueError: another reader has this name.
    """

    def register(handler: Handler) -> Handler:
        if name in _READERS and _READERS[name].handler is not handler:
            raise ValueError(f"Two readers are called {name!r}.")
        _READERS[name] = Reader(name=name, kinds=frozenset(kinds), handler=handler, batch_size=batch_size)
        return handler

    return register


def readers_of(kind: str) -> list[Reader]:
    """The readers that want this kind of event, by name."""
    return sorted((entry for entry in _READERS.values() if kind in entry.kinds), key=lambda entry: entry.name)


def all_readers() -> list[Reader]:
    """Every registered reader, by name."""
    return sorted(_READERS.values(), key=lambda entry: entry.name)
