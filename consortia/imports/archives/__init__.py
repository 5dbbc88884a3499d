"""Reading archives that nobody here made: nothing in them is trusted, and nothing here knows the database."""
