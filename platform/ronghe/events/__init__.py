"""The transactional outbox and the registry of its readers."""
