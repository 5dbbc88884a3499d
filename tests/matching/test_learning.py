"""Training: from an archive or from what people did to a weight set that waits for a curator."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from matching import engine
from matching.evaluation import reference
from matching.evaluation.cordis import Period, Task
from matching.loading.feedback import load_feedback
from matching.models import Match, MatchFeedback, WeightSet
from matching.services import learning, weights
from matching.services.learning import Archive, Lesson, train_weight_set
from ronghe.common.errors import InvalidInput
from tests.matching import world
from tests.matching.evaluation.consortia_authoring import PARTS, PROJECTS, organization_rows, write_archive
from tests.matching.judged_authoring import write_reference

TRAINED = Period(date(2024, 7, 1), date(2024, 9, 15))


@pytest.fixture(autouse=True)
def _small_reference(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "REFERENCE_FOLDER", write_reference(tmp_path / "reference"))


@pytest.fixture
def archive(monkeypatch, tmp_path):
    """Consortia in the training period and in the one after it."""
    projects = {**PROJECTS, "9": ("2024-10-02", "HORIZON-RIA", "Photonic battery sensing", "Laser sources for cells.")}
    monkeypatch.setattr("tests.matching.evaluation.consortia_authoring.PROJECTS", projects)
    monkeypatch.setattr(
        "tests.matching.evaluation.consortia_authoring.PARTS", {**PARTS, "9": ("900000004", "900000001", "900000003")}
    )
    return write_archive(tmp_path / "cordis.zip")


def add_feedback(match: Match, *outcomes: str, points: float = 20.0) -> None:
    """What became of a match, in this order, with the points that its texts gave at that time."""
    contributions = [
        {"criterion": "text", "points": points, "available": 40.0, "evidence": [], "code": "x", "args": {}}
    ]
    for outcome in outcomes:
        MatchFeedback.objects.create(
            match=match, outcome=outcome, party="need", score=points, contributions=contributions
        )


@pytest.fixture
def answered(need, capability, charlie_works, alice_lab) -> list[Match]:
    """Three matches of one need, in the order of their organizations."""
    world.recompute()
    others = [
        Match.objects.create(need=need, organization=organization, score=1.0)
        for organization in (charlie_works, world.make_owner("Erin Ltd")[0])
    ]
    return [Match.objects.get(organization__display_name="Dora Materials"), *others]


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_feedback_becomes_examples(answered):
    first, second, third = answered
    add_feedback(first, "interested", "introduced", "contracted", "declined", points=30.0)
    add_feedback(second, "interested", "declined", points=10.0)
    add_feedback(third, "interested", points=20.0)
    examples = load_feedback()
    assert examples.starts.tolist() == [0, 3]
    assert examples.gain.tolist() == [4.0, 0.0, 1.0]
    text = examples.criteria.index("text")
    assert examples.shares[:, text].tolist() == [0.75, 0.25, 0.5]
    assert examples.shares.sum() == 1.5, "what was not asked or unknown earned nothing"


def test_no_feedback_is_no_examples(db):
    examples = load_feedback()
    assert (examples.needs, examples.shares.shape) == (0, (0, len(engine.DEFAULT_WEIGHTS)))


def test_weights_are_learned_from_feedback(answered):
    add_feedback(answered[0], "contracted", points=30.0)
    add_feedback(answered[1], "declined", points=10.0)
    trained = train_weight_set(lesson=Lesson(feedback=True))
    assert trained.status == WeightSet.Status.EVALUATED
    assert trained.provenance["feedback"] == {"needs": 1, "matches": 2}
    assert trained.provenance["taught"] == ["text"]
    assert trained.weights == engine.DEFAULT_WEIGHTS, "one criterion has nobody to share its points with"
    assert weights.held_out_comparisons(trained) == []


def test_feedback_that_teaches_nothing_is_refused(answered):
    add_feedback(answered[0], "contracted")
    with pytest.raises(InvalidInput, match="No need has both"):
        train_weight_set(lesson=Lesson(feedback=True))
    assert not WeightSet.objects.exists()


# --- consortia --------------------------------------------------------------------------------------------------------


def test_weights_are_learned_from_consortia(archive, db):
    trained = train_weight_set(lesson=Lesson(Archive(archive, TRAINED)))
    assert trained.status == WeightSet.Status.EVALUATED
    told = trained.provenance["cordis"]
    assert (told["archive"], told["from"], told["to"]) == ("cordis.zip", "2024-07-01", "2024-09-15")
    assert (told["held_out_to"], told["tasks"]) == ("2024-11-30", ["partners", "completion"])
    assert len(told["sha256"]) == 64
    assert "text" in trained.provenance["taught"]
    for name in set(engine.DEFAULT_WEIGHTS) - set(trained.provenance["taught"]):
        assert trained.weights[name] == engine.DEFAULT_WEIGHTS[name]
    assert [found.name for found in weights.held_out_comparisons(trained)] == [
        "CORDIS completion, 2024-09-15 to 2024-11-30",
        "CORDIS partners, 2024-09-15 to 2024-11-30",
    ]
    assert weights.reference_comparison(trained) is not None


def test_the_held_out_period_teaches_nothing(archive, tmp_path, db, monkeypatch):
    """Other consortia after the training period give the same weights."""
    trained = train_weight_set(lesson=Lesson(Archive(archive, TRAINED)))
    rows = [
        {**row, "organisationID": "900000002"} if row["projectID"] == "9" and row["role"] == "coordinator" else row
        for row in organization_rows()
    ]
    other = train_weight_set(lesson=Lesson(Archive(write_archive(tmp_path / "other.zip", organizations=rows), TRAINED)))
    assert other.weights == trained.weights
    assert other.evaluation != trained.evaluation


def test_one_task_alone(archive, db):
    trained = train_weight_set(lesson=Lesson(Archive(archive, TRAINED, (Task.COMPLETION,))))
    assert trained.provenance["cordis"]["tasks"] == ["completion"]
    assert len(trained.evaluation["held_out"]) == 1


@pytest.mark.parametrize("stages", [["read"], ["assess"], ["learn"], ["learn", "assess"]], ids=" then ".join)
def test_whoever_interrupts_leaves_nothing_behind(archive, db, stages):
    waited_for = list(stages)

    def interrupt(reached: str, _done: int, _total: int) -> None:
        if reached == waited_for[0]:
            waited_for.pop(0)
        if not waited_for:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_weight_set(lesson=Lesson(Archive(archive, TRAINED)), progress=interrupt)
    assert not WeightSet.objects.exists()


# --- the command ------------------------------------------------------------------------------------------------------


def train(*arguments: object) -> str:
    printed = StringIO()
    call_command("train_scorecard", *map(str, arguments), stdout=printed, stderr=StringIO())
    return printed.getvalue()


def test_the_command_prints_one_line_of_json(archive, db):
    printed = train("--cordis", archive, "--from", "2024-07-01", "--to", "2024-09-15", "--task", "partners", "--json")
    [line] = printed.splitlines()
    told = json.loads(line)
    trained = WeightSet.objects.get()
    assert (told["number"], told["id"], told["status"]) == (trained.pk, str(trained.public_id), "evaluated")
    assert sum(told["weights"].values()) == pytest.approx(100)
    assert told["evaluation"] == trained.evaluation


def test_the_command_tells_people_what_was_learned(archive, db):
    printed = train("--cordis", archive, "--from", "2024-07-01", "--to", "2024-09-15")
    kept = f"{engine.DEFAULT_WEIGHTS['trl']:.2f}"
    assert f"trl   {kept} →   {kept}  (nothing to learn it from: as it was)" in printed
    assert "CORDIS partners, 2024-09-15 to 2024-11-30, 2 needs: " in printed
    assert "nDCG@20" in printed
    assert "sign it off" in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Say what to learn from"),
        (("--from", "2024-01-01", "--feedback"), "go with --cordis"),
        (("--cordis", "x.zip"), "Give --from and --to"),
        (("--cordis", "missing.zip", "--from", "2024-01-01", "--to", "2024-02-01"), "missing.zip"),
        (("--cordis", "x.zip", "--from", "2024-03-01", "--to", "2024-02-01"), "a day before --to"),
        (("--feedback", "--ridge", "0"), "above 0"),
        (("--feedback", "--ridge", "nan"), "above 0"),
        (("--feedback",), "give more data"),
    ],
)
def test_bad_input_is_told_with_its_remedy(db, arguments, says):
    with pytest.raises(CommandError, match=says):
        train(*arguments)
    assert not WeightSet.objects.exists()


def test_a_period_without_anything_held_out_is_refused(archive, db):
    with pytest.raises(CommandError, match="No project signed from 2025-06-01"):
        train("--cordis", archive, "--from", "2024-07-01", "--to", "2025-06-01")
    assert not WeightSet.objects.exists()


def test_stopping_the_command_says_so(db, monkeypatch):
    def stop(**_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matching.management.commands.train_scorecard.train_weight_set", stop)
    with pytest.raises(CommandError, match="stopped") as caught:
        train("--feedback")
    assert caught.value.returncode == 130


def test_nothing_was_learned_is_said_before_anything_is_measured(archive, db, monkeypatch):
    """Who has no outcomes in the period is told so, and not after the held-out period was indexed."""
    monkeypatch.setattr(learning, "_measured", lambda *_arguments: pytest.fail("measured"))
    with pytest.raises(InvalidInput):
        train_weight_set(lesson=Lesson(Archive(archive, Period(date(2024, 12, 1), date(2024, 12, 31)))))
