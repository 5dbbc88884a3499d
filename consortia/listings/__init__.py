"""Needs and capabilities."""
