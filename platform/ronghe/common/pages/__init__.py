"""What every page shares: base templates, paging, static files."""
