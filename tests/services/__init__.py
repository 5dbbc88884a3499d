"""The real services that tests run against: PostgreSQL, Redis, a Celery worker and a browser."""
