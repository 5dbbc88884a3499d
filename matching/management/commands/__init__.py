"""Commands of matching: `recompute`."""
