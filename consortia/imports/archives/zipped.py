"""Zip archives of text files, opened with suspicion. Nothing is ever unpacked to a path that the archive names."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.limits import Limits
from consortia.imports.archives.lines import decoded_lines

MAX_MEMBERS: Final = 1000
_MAGIC: Final = b"PK\x03\x04"
_ENCRYPTED: Final = 0x1
_BUFFER_BYTES: Final = 1 << 18
_DAMAGED: Final = "The archive is damaged or cut off. Download it again."


class TextArchive:
    """The text files of an open zip archive."""

    def __init__(self, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], limits: Limits) -> None:
        self._archive = archive
        self._members = members
        self._limits = limits
        self._unpacked = 0
        self._packed = sum(info.compress_size for info in members.values())

    @property
    def total_bytes(self) -> int:
        """Announced size of all members together."""
        return sum(info.file_size for info in self._members.values())

    def lines(self, name: str, *, on_bytes: Callable[[int], None]) -> Iterator[str]:
        """The lines of a member, read as they are needed.

        Raises:
            UnreadableArchive: the member is damaged, not UTF-8, or larger than it may be.
        """

        def count(size: int) -> None:
            # The announced sizes were looked at before, but they are only what the archive says of itself.
            self._unpacked += size
            self._limits.check(unpacked=self._unpacked, packed=self._packed)
            on_bytes(size)

        try:
            with self._archive.open(self._members[name]) as member:
                # A member finds the ends of lines by itself, only much slower.
                stream = io.BufferedReader(cast("io.RawIOBase", member), _BUFFER_BYTES)
                yield from decoded_lines(stream, name=name, limits=self._limits, on_bytes=count)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise UnreadableArchive(f"{name}: {_DAMAGED}") from error
        except NotImplementedError as error:
            raise UnreadableArchive(
                f"{name} is compressed by an unknown method. Pack it again by “deflate”."
            ) from error


@contextmanager
def open_archive(path: Path, *, members: Sequence[str], limits: Limits) -> Iterator[TextArchive]:
    """Open a zip archive that holds these files.

    Args:
        path: the archive.
        members: the files it must hold, at its top; others are left alone.
        limits: how much it may hold.

    Raises:
        UnreadableArchive: it is missing, no zip archive, cut off, encrypted, too large, or holds other files.
    """
    with ExitStack() as stack:
        archive = stack.enter_context(_opened(path, stack.enter_context(_stream(path))))
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise UnreadableArchive(f"The archive holds {len(infos)} files instead of {', '.join(members)}.")
        for info in infos:
            _refuse_tricks(info)
        found = {name: _find(name, infos) for name in members}
        limits.check(
            unpacked=sum(info.file_size for info in found.values()),
            packed=sum(info.compress_size for info in found.values()),
        )
        yield TextArchive(archive, found, limits)


def _stream(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableArchive(f"{path} cannot be read: {error.strerror}. Give the path of a zip file.") from error


def _opened(path: Path, stream: BinaryIO) -> zipfile.ZipFile:
    try:
        start = stream.read(len(_MAGIC))
        if not start:
            raise UnreadableArchive(f"{path.name} is empty. Download it again.")
        if start != _MAGIC and not zipfile.is_zipfile(stream):
            raise UnreadableArchive(f"{path.name} is no zip archive. Give the zip file.")
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableArchive(f"{path.name}: {_DAMAGED}") from error


def _refuse_tricks(info: zipfile.ZipInfo) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in info.filename:
        raise UnreadableArchive(
            f"The archive holds a file that leads out of it, “{info.filename[:80]}”. "
            "Use the archive as it was published."
        )
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableArchive(f"“{info.filename[:80]}” is encrypted. Pack it again without a password.")


def _find(name: str, infos: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    candidates = [info for info in infos if info.filename == name]
    if len(candidates) > 1:
        raise UnreadableArchive(f"The archive holds {name} twice. Use the archive as it was published.")
    if not candidates:
        held = ", ".join(info.filename for info in infos[:10]) or "nothing"
        raise UnreadableArchive(
            f"The archive does not hold {name}; it holds {held[:300]}. Give the archive of CSV files."
        )
    if not candidates[0].file_size:
        raise UnreadableArchive(f"{name} is empty: not even a header. Download the archive again.")
    return candidates[0]
