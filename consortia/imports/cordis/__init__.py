"""CORDIS, the European Commission's archive of funded research projects, as published in bulk."""
