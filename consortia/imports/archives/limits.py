"""How much an archive may hold: what unpacks to gigabytes is refused before it fills a disk or the memory."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings

from consortia.imports.archives.faults import UnreadableArchive

MEBIBYTE = 1024 * 1024
# Small archives of a few repeated rows compress well without any harm.
_RATIO_MATTERS_FROM = 16 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted.

    Attributes:
        unpacked_bytes: all that is read from the archive together.
        ratio: unpacked bytes per packed byte, looked at from 16 MiB on.
        line_bytes: one line of text.
    """

    unpacked_bytes: int
    ratio: int
    line_bytes: int = MEBIBYTE

    @classmethod
    def from_settings(cls, *, line_bytes: int = MEBIBYTE) -> Self:
        """The limits of this installation."""
        return cls(
            unpacked_bytes=settings.IMPORT_MAX_UNPACKED_BYTES,
            ratio=settings.IMPORT_MAX_COMPRESSION_RATIO,
            line_bytes=line_bytes,
        )

    def check(self, *, unpacked: int, packed: int) -> None:
        """Refuse what is too large or compressed beyond what texts are.

        Args:
            unpacked: bytes after unpacking, announced or counted.
            packed: bytes in the archive.

        Raises:
            UnreadableArchive: a limit is passed.
        """
        if unpacked > self.unpacked_bytes:
            raise UnreadableArchive(
                f"The archive unpacks to more than {self.unpacked_bytes // MEBIBYTE} MiB. If it is what you expect, "
                "raise IMPORT_MAX_UNPACKED_BYTES."
            )
        if unpacked > _RATIO_MATTERS_FROM and unpacked > packed * self.ratio:
            raise UnreadableArchive(
                f"The archive unpacks to more than {self.ratio} times its size, which no text does. If it is what you "
                "expect, raise IMPORT_MAX_COMPRESSION_RATIO."
            )
