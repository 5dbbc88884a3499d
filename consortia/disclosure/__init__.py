"""Who may see what of which record, and the ledger of what was revealed."""
