"""Names of organizations: the rows by which they are found, and when two are nearly the same."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final

from consortia.organizations.models import Organization, OrganizationName
from ronghe.common.text import fold, in_reader_language

LONGEST_NAME: Final = 300

# Legal forms say nothing about who it is: "Example GmbH" and "Example AG" deserve a second look by a person.
_LEGAL_FORMS: Final = re.compile(
    r"\b(gmbh|mbh|ag|kg|se|ltd|limited|co|company|inc|incorporated|corp|corporation|llc|plc|pty|sa|sas|sarl|srl|spa|sl|slu|"
    r"bv|nv|ab|as|asa|oy|oyj|aps|kk|e v|ev|gmbh co|sp z o o|s a|s l|s r l|s p a|b v|n v)\b"
    r"|股份有限公司|有限责任公司|有限公司|集团"
)


def display_name_of(names: Mapping[str, str]) -> str:
    """The name by which lists sort an organization: English where there is one, whoever reads."""
    return in_reader_language(names, language="en")


def similarity_key(name: str) -> str:
    """The folded name without legal forms and spaces; two equal keys are near-identical names."""
    folded = fold(name)
    return _LEGAL_FORMS.sub(" ", folded).replace(" ", "") or folded.replace(" ", "")


def similarity(first_key: str, second_key: str) -> float:
    """How much two similarity keys have in common: 0 nothing, 1 everything (Ratcliff and Obershelp)."""
    return SequenceMatcher(None, first_key, second_key, autojunk=False).ratio()


def name_rows(organization: Organization, aliases: Iterable[str] = ()) -> Iterator[OrganizationName]:
    """Unsaved rows for the official names and the aliases, each text once."""
    kind = OrganizationName.Kind
    given = [(kind.OFFICIAL, language, text) for language, text in organization.names.items()]
    given += [(kind.ALIAS, "", alias) for alias in aliases]
    for name_kind, language, text in dict.fromkeys(given):
        yield OrganizationName(
            organization=organization, kind=name_kind, language=language, text=text, folded=fold(text)[:LONGEST_NAME]
        )
