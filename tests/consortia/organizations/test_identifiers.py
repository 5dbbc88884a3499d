"""Identifiers: compact forms and checksums, register by register."""

import pytest

from consortia.organizations.identifiers import compact_identifier
from ronghe.common.errors import InvalidInput


@pytest.mark.parametrize(
    ("scheme", "written", "compact"),
    [
        ("uscc", "91110000 600037341L", "91110000600037341L"),
        ("uscc", "91110000600037341l", "91110000600037341L"),
        ("lei", "2138 00wsgiiz cxf1p5 72", "213800WSGIIZCXF1P572"),
        ("ror", "https://ror.org/05dxps055", "05dxps055"),
        ("ror", "02MHBDP94", "02mhbdp94"),
        ("pic", "999 997 930", "999997930"),
        ("duns", "15-048-3782", "150483782"),
        ("vat", "DE 136 695 976", "DE136695976"),
        ("vat", "FR 40 303 265 045", "FR40303265045"),
        ("vat", "EL 094259216", "EL094259216"),
        ("vat", "GB 980 7806 84", "GB980780684"),
        ("vat", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("vat", "NO 995 525 828 MVA", "NO995525828MVA"),
    ],
)
def test_what_people_write_becomes_the_registers_form(scheme: str, written: str, compact: str) -> None:
    assert compact_identifier(scheme, written) == compact


@pytest.mark.parametrize(
    ("scheme", "wrong"),
    [
        ("uscc", "91110000600037342L"),
        ("uscc", "9111000060003734"),
        ("lei", "213800WSGIIZCXF1P573"),
        ("ror", "05dxps054"),
        ("ror", "15dxps055"),
        ("ror", "05dxpl055"),
        ("pic", "99999793"),
        ("duns", "15-048-378X"),
        ("vat", "MISSING"),
        ("vat", "136695976"),
        ("vat", "DE136695977"),
        ("vat", "US123456789"),
        ("vat", ""),
        ("pic", "9" * 1000),
        ("ror", "\x000dxps055"),
    ],
)
def test_a_wrong_one_is_refused_with_the_remedy(scheme: str, wrong: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        compact_identifier(scheme, wrong, field="identifiers")
    assert refusal.value.code == "invalid_identifier"
    assert refusal.value.fields["identifiers"]


def test_an_unknown_register_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refusal:
        compact_identifier("isbn", "1")
    assert "uscc" in refusal.value.fields["scheme"][0]
