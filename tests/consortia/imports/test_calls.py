"""What an import of funding topics writes and reports."""

import gzip
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.limits import Limits
from consortia.imports.models import ImportProblem, ImportRun
from consortia.imports.services import ImportOutcome, calls, import_calls
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from consortia.technologies.services import ImportedConcept, import_concepts
from ronghe.events.models import Event
from tests.consortia.imports.calls_authoring import topic, write_lines, write_topics

AS_OF = date(2026, 8, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl.gz"


def imported(path: Path, *topics: dict[str, Any], as_of: date = AS_OF) -> ImportOutcome:
    outcome = import_calls(path=write_topics(path, topics), as_of=as_of)
    assert outcome.files[path.name].unaccounted == 0
    return outcome


def test_a_need_with_all_the_topic_says(path: Path) -> None:
    import_concepts(
        scheme="euroscivoc", concepts=[ImportedConcept(key="euroscivoc-373", labels={"en": "electrochemistry"})]
    )
    outcome = imported(path, topic())
    assert outcome.records["needs"] == {"created": 1, "updated": 0, "unchanged": 0}
    need = Need.objects.get()
    assert (need.title, need.language, need.kind) == ("Next-generation electrolysers", "en", "rnd_problem")
    assert need.summary == "Cheaper hydrogen."
    assert need.description.endswith(
        "Keywords: Electrochemistry, Hydrogen storage\nhttps://portal.example/topic-details/horizon-cl5-2026-01-d2-01"
    )
    assert (need.trl_low, need.trl_high) == (3, 5)
    assert (need.deadline, need.budget_min, need.budget_max, need.currency) == (
        date(2026, 9, 1),
        Decimal(3_000_000),
        Decimal(4_000_000),
        "EUR",
    )
    assert (need.source, need.source_id, need.status) == ("eu_calls", "HORIZON-CL5-2026-01-D2-01", "open")
    assert need.disclosure == {"budget": "public"}
    assert [use.technology.key for use in need.uses.all()] == ["euroscivoc-373"]


def test_all_are_needs_of_one_public_body(path: Path) -> None:
    imported(path, topic(), topic(topicId="B"))
    imported(path, topic(topicId="C"))
    body = Organization.objects.get()
    assert (body.names["en"], body.type, body.country, body.source) == (
        "European Commission",
        "public_body",
        "BE",
        "eu_calls",
    )
    assert body.listings.count() == 3


@pytest.mark.parametrize(
    ("action", "programme", "kind"),
    [
        ("RIA", "Horizon Europe", "rnd_problem"),
        ("IA", "Horizon Europe", "scale_up"),
        ("CSA", "Horizon Europe", "service"),
        ("PPI", "Digital Europe", "supply"),
        ("Grant", "Euratom", "rnd_problem"),
        ("Grant", "LIFE", "service"),
        ("", "", "service"),
    ],
)
def test_kinds(path: Path, action: str, programme: str, kind: str) -> None:
    imported(path, topic(actionType=action, programme=programme))
    assert Need.objects.get().kind == kind


def test_what_was_over_on_the_day_is_expired_and_another_day_updates(path: Path) -> None:
    topics = [topic(topicId="early", deadline="2026-07-31"), topic(topicId="late", deadline="2026-08-01")]
    imported(path, *topics)
    assert dict(Need.objects.values_list("source_id", "status")) == {"early": "expired", "late": "open"}
    today = timezone.localdate()
    assert dict(Need.objects.values_list("source_id", "valid_until")) == {
        "early": today - timedelta(days=1),
        "late": today,
    }

    outcome = imported(path, *topics, as_of=date(2026, 7, 1))
    assert outcome.records["needs"] == {"created": 0, "updated": 2, "unchanged": 0}
    assert set(Need.objects.values_list("status", flat=True)) == {"open"}
    assert Event.objects.filter(kind="listing.renewed").count() == 1

    imported(path, *topics, as_of=date(2026, 9, 1))
    assert set(Need.objects.values_list("status", flat=True)) == {"expired"}
    # One as it arrived, and both of them by the last import.
    assert Event.objects.filter(kind="listing.expired").count() == 3


def test_a_second_time_changes_nothing(path: Path) -> None:
    topics = [topic(topicId=f"T-{number}") for number in range(5)]
    imported(path, *topics)
    before = list(Need.objects.order_by("pk").values()), Event.objects.count()
    outcome = imported(path, *topics)
    assert outcome.records["needs"] == {"created": 0, "updated": 0, "unchanged": 5}
    assert (list(Need.objects.order_by("pk").values()), Event.objects.count()) == before


def test_long_texts_are_cut_and_counted(path: Path) -> None:
    text = "Expected Outcome:" + "An outcome of some length. " * 100 + "Scope:" + "A scope of some length. " * 300
    outcome = imported(path, topic(title="Word " * 50, description=text), topic(topicId="short"))
    assert outcome.records["texts"] == {"titles cut": 1, "descriptions cut": 1}
    need = Need.objects.get(source_id="HORIZON-CL5-2026-01-D2-01")
    assert len(need.title) <= 200
    assert need.title.endswith("Word…")
    assert len(need.summary) <= 500
    assert 3500 < len(need.description) <= 4000
    assert "Scope: A scope of some length." in need.description
    assert need.description.endswith("d2-01")


def test_lines_that_are_no_topics_are_named_and_skipped(path: Path) -> None:
    lines = [
        json.dumps(topic()),
        "{broken",
        "[1, 2]",
        "",
        json.dumps(topic()),
        json.dumps(topic(topicId="B", title=None)),
        json.dumps(topic(topicId="C", deadline="soon", budgetMin=5, budgetMax=4, description={"a": 1})),
        json.dumps({"topicId": "D", "title": "Hardly anything"}),
        "[" * 100_000,
    ]
    outcome = import_calls(path=write_lines(path, lines), as_of=AS_OF)
    assert outcome.files[path.name].as_counts() == {"read": 8, "imported": 3, "merged": 0, "refused": 5}
    assert set(Need.objects.values_list("source_id", flat=True)) == {"HORIZON-CL5-2026-01-D2-01", "C", "D"}
    refused = ImportProblem.objects.filter(is_refused=True).order_by("row").values_list("row", "kind")
    assert list(refused) == [
        (2, "malformed_line"),
        (3, "malformed_line"),
        (5, "duplicate_row"),
        (6, "missing_value"),
        (9, "malformed_line"),
    ]
    assert set(ImportProblem.objects.filter(row=7).values_list("kind", flat=True)) == {
        "invalid_date",
        "reversed_budget",
    }
    assert Need.objects.get(source_id="C").deadline is None


def test_an_import_that_breaks_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "TOPICS_PER_CHUNK", 2)
    topics = [topic(topicId=f"T-{number}") for number in range(5)]
    service = calls.import_needs

    def breaking(**arguments: Any) -> Any:
        outcome = service(**arguments)
        if Need.objects.count() > 2:
            raise RuntimeError("the disk is full")
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(calls, "import_needs", breaking)
        with pytest.raises(RuntimeError):
            imported(path, *topics)
    assert Need.objects.count() == ImportRun.objects.get().position == 2
    outcome = imported(path, *topics)
    assert outcome.records["needs"] == {"created": 5, "updated": 0, "unchanged": 0}
    assert ImportRun.objects.get().status == "done"


def test_another_day_begins_a_broken_import_from_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "TOPICS_PER_CHUNK", 1)
    topics = [topic(topicId="A"), topic(topicId="B", title="x\u202e")]
    imported(path, *topics)
    ImportRun.objects.update(status="failed", position=1)
    outcome = imported(path, *topics, as_of=date(2027, 1, 1))
    assert outcome.records["needs"] == {"created": 0, "updated": 2, "unchanged": 0}


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableArchive) as caught:
        import_calls(path=path, limits=limits)
    assert not Need.objects.exists()
    assert not Organization.objects.exists()
    return caught.value.message


def test_missing_file(path: Path) -> None:
    assert "No such file" in refusal(path)


def test_not_gzip(path: Path) -> None:
    path.write_text(json.dumps(topic()))
    assert "is no gzip archive" in refusal(path)


def test_empty_file(path: Path) -> None:
    path.touch()
    assert "holds no topic" in refusal(path)


def test_no_topics_inside(path: Path) -> None:
    assert "holds no topic" in refusal(write_lines(path, ["a;b", "c;d"]))


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_cut_off(path: Path, kept: float) -> None:
    content = write_topics(path, [topic(topicId=str(number)) for number in range(500)]).read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert "damaged or cut off" in refusal(path)


def test_damaged(path: Path) -> None:
    content = bytearray(write_topics(path, [topic(topicId=str(number)) for number in range(500)]).read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_not_utf8(path: Path) -> None:
    path.write_bytes(gzip.compress(b'{"title": "\xe9"}\n'))
    assert "line 1, byte 12: not UTF-8" in refusal(path)


def test_bomb(path: Path) -> None:
    write_topics(path, [topic(description="a" * 100_000) for _ in range(300)])
    assert "more than 100 times its size" in refusal(path, Limits(unpacked_bytes=1 << 30, ratio=100))
    assert "more than 1 MiB" in refusal(path, Limits(unpacked_bytes=1 << 20, ratio=10_000))


def test_endless_line(path: Path) -> None:
    path.write_bytes(gzip.compress(b"a" * 5_000_000))
    assert "longer than" in refusal(path)
