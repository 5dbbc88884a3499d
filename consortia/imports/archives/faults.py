"""The one error of an archive that cannot be read at all, as opposed to a row of it that cannot be taken."""

from ronghe.common.errors import InvalidInput


class UnreadableArchive(InvalidInput):
    """The archive as a whole cannot be read; the message says what to do."""

    default_code = "unreadable_archive"

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"archive": [message]})
