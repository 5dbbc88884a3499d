"""What composes rooms: home, search, API root and schema."""
