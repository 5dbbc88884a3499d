"""Gzip archives of one text file."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.limits import Limits
from consortia.imports.archives.lines import decoded_lines


def gzip_lines(path: Path, *, limits: Limits, on_bytes: Callable[[int], None]) -> Iterator[str]:
    """The lines of a gzip archive, read as they are needed.

    Args:
        path: the archive.
        limits: how much it may hold.
        on_bytes: told the size of every line, unpacked.

    Raises:
        UnreadableArchive: it is missing, no gzip archive, damaged, cut off, not UTF-8, or larger than it may be.
    """
    unpacked = 0

    def count(size: int) -> None:
        nonlocal unpacked
        unpacked += size
        limits.check(unpacked=unpacked, packed=packed)
        on_bytes(size)

    try:
        packed = path.stat().st_size
        with gzip.open(path, "rb") as stream:
            yield from decoded_lines(stream, name=path.name, limits=limits, on_bytes=count)
    except gzip.BadGzipFile as error:
        raise UnreadableArchive(f"{path.name} is no gzip archive, or damaged. Give the .jsonl.gz file.") from error
    except (EOFError, zlib.error) as error:
        raise UnreadableArchive(f"{path.name} is damaged or cut off. Download it again.") from error
    except OSError as error:
        raise UnreadableArchive(f"{path} cannot be read: {error.strerror}. Give the path of an archive.") from error
