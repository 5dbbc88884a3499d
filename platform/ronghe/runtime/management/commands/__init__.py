"""`manage.py up`, and its parts for hosts of their own: `prepare`, `serve`, `worker`, `beat`."""
