"""What every page shares: the base templates, forms, paging, errors, and the files that browsers load."""
