"""Readers of foreign archives that call the rooms' services."""
