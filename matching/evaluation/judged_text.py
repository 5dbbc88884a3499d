"""The report on a judged set, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from matching.evaluation.judged import CAPABILITIES, METRICS, ORGANIZATIONS


def judged_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a report made by `JudgedReport.as_json`."""
    yield ", ".join(f"{count} {name}" for name, count in report["counts"].items()) + "."
    sections = {name: report[name] for name in (CAPABILITIES, ORGANIZATIONS)} | report["splits"]
    for name, section in sections.items():
        if section is None:
            yield f"{name}: nothing judged."
            continue
        yield f"{name} ({section['needs']} needs)"
        for metric in METRICS:
            line = f"{metric:>8} {section[metric]:.3f}  {_interval(section['intervals'][metric])}"
            if "against" in section:
                compared = section["against"]["differences"][metric]
                line += f"  {compared['difference']:+.3f} {_interval(compared['interval'])}"
                line += f" against {section['against'][metric]:.3f}"
            yield line
    for name, count in report["ignored"].items():
        yield f"ignored {count} × {name}"
    yield ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report["seconds"].items())


def _interval(bounds: list[float]) -> str:
    return f"[{bounds[0]:.3f}, {bounds[1]:.3f}]"
