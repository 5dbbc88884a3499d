"""What every endpoint shares: the shape of errors, paging, and how both are described in the schema."""
