"""What commands tell the shell when they end otherwise than well."""

from typing import Final

INTERRUPTED: Final = 130
"""What shells report for a program that Ctrl-C ended."""
