"""Matches between needs and organizations, and the jobs that keep them current."""
