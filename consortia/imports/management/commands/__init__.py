"""`manage.py import_cordis` and `manage.py import_calls`."""
