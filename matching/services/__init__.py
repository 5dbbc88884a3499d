"""Use cases of matching: running recomputes, answering matches, steering them, explaining absences."""
