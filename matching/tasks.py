"""Background work of matching: each task loads by id and calls a service."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_init

from matching.services import answers, blocks, runs, warming


@worker_process_init.connect
def warm_worker(**_signal: Any) -> None:
    """Have a new worker process load what its first task would else wait for; Celery gives it few seconds to start."""
    warming.warm_in_background()


@shared_task(name=runs.ADVANCE_RUNS_TASK, ignore_result=True)
def advance_runs() -> None:
    """Do whatever is due for the run at work."""
    runs.advance()


@shared_task(name=runs.MATCH_BLOCK_TASK, ignore_result=True)
def match_block(block_id: int) -> None:
    """Compute one block; go on with the next run when this one has ended."""
    if blocks.compute_block(block_id):
        runs.advance()


@shared_task(name="matching.sweep_runs", ignore_result=True)
def sweep_runs() -> None:
    """Take up what a killed worker left, and let introductions lapse whose clock ran out."""
    runs.advance()
    answers.lapse_introductions()


@shared_task(name="matching.recompute_all", ignore_result=True)
def recompute_all() -> None:
    """The scheduled full recompute."""
    runs.request_full_run(reason="schedule")
