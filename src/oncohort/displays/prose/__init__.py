"""Sentences of a paper; every number in them is bound to the id of its result."""
