"""`manage.py recompute`: what it asks for, how it stays, and how it ends."""

import io
import json
import uuid

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from matching.models import MatchRun
from matching.services import indexing, waiting
from tests.matching import world


def recompute(*arguments: str) -> str:
    out = io.StringIO()
    call_command("recompute", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_everything_here(need, capability):
    assert "Matched 1 needs in" in recompute("--here")
    assert world.listed(need) == ["Dora Materials"]


def test_one_need_as_json(run, need):
    told = json.loads(recompute("--here", "--json", "--need", str(need.public_id)))
    assert (told["status"], told["scope"], told["needs_done"], told["problems"]) == ("done", "incremental", 1, [])
    assert MatchRun.objects.get(public_id=told["id"]).changes["needs"] == [need.pk]


def test_as_of_a_day(need, capability):
    assert json.loads(recompute("--here", "--json", "--as-of", "2020-01-01"))["as_of"] == "2020-01-01"


def test_without_waiting(db):
    told = recompute("--no-wait")
    assert f"Run {MatchRun.objects.get().public_id} is queued." in told


def test_joining_asks_for_nothing_while_a_full_run_waits(db):
    recompute("--no-wait", "--join")
    recompute("--no-wait", "--join")
    MatchRun.objects.update(status="matching", active_slot=1)
    recompute("--no-wait", "--join")
    assert MatchRun.objects.count() == 1
    with pytest.raises(CommandError, match="--join"):
        recompute("--join", "--as-of", "2026-01-01")


def test_a_need_that_is_none_is_named(db):
    unknown = str(uuid.uuid4())
    with pytest.raises(CommandError, match=unknown):
        recompute("--here", "--need", unknown)
    assert not MatchRun.objects.exists()


@pytest.mark.parametrize("arguments", [["--need", "x"], ["--as-of", "yesterday"]])
def test_what_cannot_be_read_is_refused(db, arguments):
    with pytest.raises(CommandError):
        recompute(*arguments)


def test_a_day_and_a_need_do_not_go_together(need):
    with pytest.raises(CommandError, match="--as-of"):
        recompute("--need", str(need.public_id), "--as-of", "2026-01-01")


def test_a_failed_run_is_told_with_its_error(need, capability, monkeypatch):
    def fail():
        raise RuntimeError("no more disk")

    monkeypatch.setattr(indexing, "load_taxonomy", fail)
    with pytest.raises(CommandError, match="no more disk"):
        recompute("--here")


def test_ctrl_c_cancels_the_run(need, capability, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "load_taxonomy", interrupt)
    with pytest.raises(CommandError) as stopped:
        recompute("--here")
    assert stopped.value.returncode == 130
    assert MatchRun.objects.get().status == MatchRun.Status.CANCELLING


def test_nobody_works(db, monkeypatch):
    monkeypatch.setattr(waiting.wait_for_run, "__kwdefaults__", {"patience": 0.0})
    with pytest.raises(CommandError, match="Start one"):
        recompute()


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        recompute("--help")
    assert "Example: manage.py recompute" in " ".join(capsys.readouterr().out.split())
