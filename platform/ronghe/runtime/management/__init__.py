"""Commands of the runtime room."""
