"""Organizations, their people, identifiers and affiliations."""
