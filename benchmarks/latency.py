"""From a publication to its stored match, with a real Redis and a real worker, and a burst of changes at once."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.population import fill_platform
from consortia.disclosure.viewer import Viewer
from consortia.listings import services as listings
from consortia.listings.drafts import CapabilityDraft, NeedDraft
from consortia.listings.models import Need
from consortia.organizations.models import Membership, Organization
from consortia.organizations.selectors import viewer_of
from matching.models import Match, MatchRun, PublishedList
from matching.services.runs import request_full_run
from ronghe.accounts.models import User
from tests.services.worker import running_worker

LIMIT_SECONDS = 1.5
BURST = 100
LOOK_SECONDS = 0.005
PATIENCE_SECONDS = 600.0


def measure_latency(size: int, *, repeats: int, concurrency: int = 2) -> None:
    """Print how long matches of new needs and new capabilities take to be stored, on the running platform."""
    started = time.perf_counter()
    fill_platform(size)
    print(f"Loaded {size:,} needs and {size:,} capabilities in {time.perf_counter() - started:.0f} s.", flush=True)
    asker, offerer = _joined(_person("Asker"), "Asker"), _person("Offerer")
    texts = list(Need.objects.order_by("pk").values_list("pk", "description")[: 2 * repeats + BURST])
    with running_worker(concurrency=concurrency):
        run = request_full_run(reason="benchmark")
        _wait(lambda: not MatchRun.objects.get(pk=run.pk).is_active)
        run.refresh_from_db()
        print(f"First full run: {run.status}, {run.timings}; {Match.objects.count():,} matches.\n", flush=True)
        needs = [_seconds_of_a_need(*asker, text) for _pk, text in texts[:repeats]]
        capabilities = [_seconds_of_a_capability(offerer, pk, text) for pk, text in texts[repeats : 2 * repeats]]
        _wait_until_idle()
        print("| published | median s | p95 s | slowest s |\n|---|---|---|---|")
        for name, seconds in (("need", needs), ("capability", capabilities)):
            median, p95 = np.percentile(seconds, [50, 95])
            print(f"| {name} | {median:.2f} | {p95:.2f} | {max(seconds):.2f} |", flush=True)
        _print_burst(*asker, [text for _pk, text in texts[-BURST:]])
        _print_stages(run)
    for name, seconds in (("needs", needs), ("capabilities", capabilities)):
        p95 = float(np.percentile(seconds, 95))
        verdict = "reached" if p95 <= LIMIT_SECONDS else "missed"
        print(f"Verdict for {name}: p95 {p95:.2f} s, at most {LIMIT_SECONDS} s wanted: {verdict}")


def _person(name: str) -> User:
    return User.objects.create_user(email=f"{name.lower()}@example.com", password=None, name=name)


def _joined(user: User, name: str) -> tuple[Viewer, Organization]:
    organization = Organization.objects.create(
        names={"en": name}, display_name=name, type="firm", country="CN", status=Organization.Status.VERIFIED
    )
    Membership.objects.create(organization=organization, user=user, role=Membership.Role.OWNER)
    return viewer_of(user), organization


def _seconds_of_a_need(viewer: Viewer, organization: Organization, text: str) -> float:
    """Publish a need and wait until its list is stored."""
    _wait_until_idle()
    started = time.perf_counter()
    need = _publish_need(viewer, organization, text)
    _wait(lambda: PublishedList.objects.filter(pk=need.pk).exists())
    return time.perf_counter() - started


def _publish_need(viewer: Viewer, organization: Organization, text: str) -> Need:
    draft = NeedDraft(kind="rnd_problem", title=text[:60], summary="wanted", description=text)
    need = listings.draft_need(actor=viewer, organization=organization, draft=draft)
    return listings.publish_need(actor=viewer, need=need)


def _seconds_of_a_capability(user: User, need_id: int, text: str) -> float:
    """Publish what a stored need asks for, of an organization without any record yet, and wait for their match."""
    viewer, organization = _joined(user, f"Offerer of {need_id}")
    _wait_until_idle()
    draft = CapabilityDraft(kind="technology", title=text[:60], summary="offered", description=text)
    started = time.perf_counter()
    capability = listings.draft_capability(actor=viewer, organization=organization, draft=draft)
    listings.publish_capability(actor=viewer, capability=capability)
    _wait(lambda: Match.objects.filter(need_id=need_id, organization=organization, rank__isnull=False).exists())
    return time.perf_counter() - started


def _print_burst(viewer: Viewer, organization: Organization, texts: Sequence[str]) -> None:
    _wait_until_idle()
    before = MatchRun.objects.count()
    started = time.perf_counter()
    needs = [_publish_need(viewer, organization, text) for text in texts]
    published = time.perf_counter() - started
    pks = [need.pk for need in needs]
    _wait(lambda: PublishedList.objects.filter(pk__in=pks).count() == len(pks))
    seconds = time.perf_counter() - started
    _wait_until_idle()
    print(
        f"\nA burst of {len(texts)} needs: published in {published:.1f} s, all lists stored after {seconds:.1f} s, "
        f"in {MatchRun.objects.count() - before} runs."
    )


def _print_stages(first: MatchRun) -> None:
    """Where incremental runs spent their time, on average."""
    timings = MatchRun.objects.filter(pk__gt=first.pk).values_list("timings", flat=True)
    stages = sorted({stage for timing in timings for stage in timing})
    means = ", ".join(f"{stage} {np.mean([timing.get(stage, 0.0) for timing in timings]):.3f} s" for stage in stages)
    print(f"Incremental runs spent on average: {means}.\n")


def _wait_until_idle() -> None:
    _wait(lambda: not MatchRun.objects.filter(status__in=MatchRun.ACTIVE).exists())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"Nothing came: {list(MatchRun.objects.values('pk', 'status', 'error')[:5])}")
        time.sleep(LOOK_SECONDS)
