"""The secrets of the demo network's people: made at random once, kept on this machine, never in the code.

A known password would be an open door wherever somebody loads the demo network on a host that others can reach.
"""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

FILE_NAME: Final = "demo_accounts.json"
_PASSWORD_BYTES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody as whom one can sign in to the demonstration.

    Attributes:
        role: `curator`, `owner`, `editor`, `viewer`, or `newcomer` for a person without an organization.
        organization: English name of the organization they act for, or "".
        client_id: of their API client, or ""; `client_secret` goes with it.
    """

    role: str
    email: str
    password: str
    name: str
    organization: str = ""
    client_id: str = ""
    client_secret: str = ""


def demo_accounts() -> list[DemoAccount]:
    """The accounts that the last load of the demo network made or found; none where it was never loaded.

    Raises:
        ValueError: somebody has changed the file into something else; delete it and load the network again.
    """
    path = accounts_file()
    if not path.exists():
        return []
    try:
        return [DemoAccount(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged. Delete it and run manage.py load_demo, which makes new secrets."
        ) from error


def store_accounts(accounts: Iterable[DemoAccount]) -> None:
    """Keep the accounts in a file that only its owner reads; it is replaced in one step."""
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    # Private from the first byte on: changing the mode afterwards would leave a moment in which others read it.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, ensure_ascii=False, indent=1)
    unfinished.replace(path)


def accounts_file() -> Path:
    """Where the secrets are kept."""
    return Path(settings.VAR_DIR) / FILE_NAME


def new_password() -> str:
    """A password of 96 random bits."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)
