"""Names and words as data: what charts call things, by language."""
