#!/usr/bin/env python3
"""Entry point of every command. Puts the source root `platform/` on the path, then hands over to Django."""

import os
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
PROJECT_ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run the command that the arguments name; what is wrong with a setting is said in one sentence."""
    # Appended, not prepended: the folder carries the name of a standard-library module and must never win over it.
    source_root = str(PROJECT_ROOT / "platform")
    if source_root not in sys.path:
        sys.path.append(source_root)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.config.settings")
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Ronghe needs Python 3.11 or newer; this is {sys.version.split()[0]}. "
            "Install python3.11 (Debian: apt-get install python3.11) and run it with that."
        )
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"A setting is wrong: {str(error).splitlines()[0]} See .env.example for all of them.")


if __name__ == "__main__":
    main()
