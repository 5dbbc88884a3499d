"""Lines of text from a stream of bytes: UTF-8, of bounded length, counted against the limits."""

from collections.abc import Callable, Iterator
from typing import Protocol

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.limits import Limits

BYTE_ORDER_MARK = "\ufeff"


class ByteLines(Protocol):
    """What is read: anything with `readline`."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line with its end, at most `size` bytes; b"" at the end."""


def decoded_lines(stream: ByteLines, *, name: str, limits: Limits, on_bytes: Callable[[int], None]) -> Iterator[str]:
    """The lines of a file with their ends, without a byte order mark.

    Args:
        stream: where they come from.
        name: what errors call the file.
        limits: how long one line may be.
        on_bytes: told the size of every line, to count and to refuse.

    Raises:
        UnreadableArchive: a line is not UTF-8, or endless.
    """
    number = 0
    while raw := stream.readline(limits.line_bytes):
        number += 1
        on_bytes(len(raw))
        if len(raw) == limits.line_bytes and not raw.endswith(b"\n"):
            raise UnreadableArchive(
                f"{name}, line {number}: longer than {limits.line_bytes} bytes. It is no file with one record a line."
            )
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            raise UnreadableArchive(
                f"{name}, line {number}, byte {error.start + 1}: not UTF-8. Save the file as UTF-8 and pack it again."
            ) from error
        yield line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
