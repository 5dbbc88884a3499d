"""With a real worker and a real Redis: from a published need to its matches, and workers killed at their work."""

import random
import time
from collections.abc import Callable

import pytest

from matching.models import Match, MatchBlock, MatchExclusion, MatchRun, PublishedList
from matching.services.runs import request_full_run
from matching.tasks import sweep_runs
from tests.matching import slow_encoder, world

pytestmark = [
    pytest.mark.service,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_workers_settings"),
]

LEASE_SECONDS = 8
"""Longer than a worker that lives is ever silent, even while it loads compiled code on a busy machine."""
PATIENCE_SECONDS = 60.0
SLOWEST_SECONDS = 15.0
"""Far above the second that it takes: a busy machine must not fail the test, a lost message must."""
MOMENTS = random.Random(5)
Status = MatchRun.Status


@pytest.fixture
def _workers_settings(monkeypatch, tmp_path):
    for name, value in {
        "MATCHING_ENCODER": "",
        "MATCHING_LEASE_SECONDS": str(LEASE_SECONDS),
        "MATCHING_BLOCK_SIZE": "1",
        "RONGHE_VAR_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)


def wait_until(condition: Callable[[], object], *, meanwhile: Callable[[], object] = bool) -> None:
    """Look again and again, and do something in between."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"Runs: {list(MatchRun.objects.values('status', 'error', 'attempts'))}"
        meanwhile()
        time.sleep(0.02)


def test_from_a_published_need_to_its_matches(worker, capability, alice_viewer, alice_lab, record_property):
    with worker(concurrency=1):
        first = request_full_run(reason="test")
        wait_until(lambda: MatchRun.objects.filter(pk=first.pk, status=Status.DONE).exists())
        wait_until(lambda: not MatchRun.objects.filter(status__in=MatchRun.ACTIVE).exists())
        started = time.monotonic()
        need = world.publish_need(alice_viewer, alice_lab)
        wait_until(lambda: Match.objects.filter(need=need).exists())
        seconds = time.monotonic() - started
    record_property("seconds_from_publication_to_match", round(seconds, 2))
    assert world.listed(need) == ["Dora Materials"]
    assert seconds < SLOWEST_SECONDS
    assert MatchRun.objects.filter(scope=MatchRun.Scope.INCREMENTAL, status=Status.DONE).exists()


def test_killed_workers_lose_nothing_and_show_nobody_half_a_list(
    worker, need, capability, alice_viewer, alice_lab, monkeypatch
):
    monkeypatch.setenv("MATCHING_ENCODER", "tests.matching.slow_encoder.SlowEncoder")
    other = world.publish_need(alice_viewer, alice_lab, title="Electrolyte powder in sulfide")
    world.recompute()
    former = {"Dora Materials"}
    for name in ("Erin Oxides", "Finn Powders"):
        organization, viewer = world.make_owner(name)
        world.publish_capability(viewer, organization)
    complete = former | {"Erin Oxides", "Finn Powders"}
    run = request_full_run(reason="test")

    def look() -> None:
        for asked in (need, other):
            assert set(world.listed(asked)) in (former, complete)

    def sweep() -> None:
        """What the beat does every few seconds."""
        look()
        sweep_runs.delay()
        time.sleep(0.2)

    with worker(concurrency=1) as first:
        at_work = MatchRun.objects.filter(pk=run.pk, status=Status.INDEXING, claim__isnull=False)
        wait_until(at_work.exists, meanwhile=look)
        first.kill()
    assert at_work.exists()
    look()
    with worker(concurrency=1) as second:
        in_a_block = MatchBlock.objects.filter(run=run, status=MatchBlock.Status.PENDING, claim__isnull=False)
        wait_until(in_a_block.exists, meanwhile=sweep)
        second.kill()
    assert in_a_block.exists()
    look()
    with worker(concurrency=1):
        wait_until(lambda: not MatchRun.objects.get(pk=run.pk).is_active, meanwhile=sweep)
    run.refresh_from_db()
    assert (run.status, run.error, run.needs_done) == (Status.DONE, "", 2)
    assert run.attempts == 2
    assert max(run.blocks.values_list("attempts", flat=True)) == 2
    assert set(world.listed(need)) == set(world.listed(other)) == complete


def test_two_workers_share_a_run_and_are_killed_at_any_moment(
    worker, need, capability, alice_viewer, alice_lab, settings, monkeypatch
):
    settings.MATCHING_ENCODER = "tests.matching.slow_encoder.SlowEncoder"
    monkeypatch.setenv("MATCHING_ENCODER", settings.MATCHING_ENCODER)
    monkeypatch.setattr(slow_encoder, "SECONDS", 0.0)
    monkeypatch.setenv("SLOW_ENCODER_SECONDS", "0.4")
    needs = [need, *(world.publish_need(alice_viewer, alice_lab, title=f"Electrolyte kind {kind}") for kind in "abcde")]
    for name in ("Erin Oxides", "Finn Powders"):
        organization, viewer = world.make_owner(name)
        world.publish_capability(viewer, organization)
    world.recompute()
    expected, complete = world.lists(), {asked.pk: world.listed(asked) for asked in needs}
    for model in (Match, MatchExclusion, PublishedList):
        model._default_manager.all().delete()

    def look() -> None:
        for asked in needs:
            assert world.listed(asked) in ([], complete[asked.pk])

    def sweep() -> None:
        look()
        sweep_runs.delay()
        time.sleep(0.1)

    run = request_full_run(reason="disturbed")
    with worker(concurrency=1) as first, worker(concurrency=1):
        until = time.monotonic() + MOMENTS.uniform(0.0, 3.0)
        wait_until(lambda: time.monotonic() > until, meanwhile=sweep)
        first.kill()
        look()
        with worker(concurrency=1):
            wait_until(lambda: not MatchRun.objects.get(pk=run.pk).is_active, meanwhile=sweep)
    run.refresh_from_db()
    assert (run.status, run.error, run.problems) == (Status.DONE, "", [])
    assert run.needs_done == run.needs_total == len(needs)
    assert world.lists() == expected
