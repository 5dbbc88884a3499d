"""Evidence and experience that speak for an organization."""
