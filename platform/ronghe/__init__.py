"""Ronghe: everything that is not domain."""
