"""Facilities with bookable slots."""
