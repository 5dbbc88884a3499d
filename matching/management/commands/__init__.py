"""Commands of matching: `recompute`, `evaluate`, `train_scorecard`."""
