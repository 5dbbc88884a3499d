"""A tiny judged set in which only the readiness level tells right from wrong."""

import json
from pathlib import Path

SUBJECTS = ("sulfide electrolyte powder", "laser welding of busbars", "humanoid joint reducer")


def write_reference(folder: Path) -> Path:
    """Three needs, each with two equally worded capabilities: the first by name is out of reach."""
    folder.mkdir()
    needs, capabilities, grades = [], [], {}
    for number, subject in enumerate(SUBJECTS):
        need = f"need-{number}"
        needs.append({"id": need, "lang": "en", "title": subject, "summary": f"We need {subject}.", "trl": [5, 7]})
        for name, span in (("a-early", [1, 2]), ("b-ready", [7, 8])):
            capability = {"id": f"{name}-{number}", "lang": "en", "title": subject, "summary": f"We offer {subject}."}
            capabilities.append({**capability, "org": f"{name}-{number}", "trl": span})
        grades[need] = {f"b-ready-{number}": 3}
    for name, content in (("needs", needs), ("capabilities", capabilities), ("qrels", grades)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
