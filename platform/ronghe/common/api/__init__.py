"""What every endpoint shares: problems, paging, versions."""
