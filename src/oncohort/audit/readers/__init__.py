"""Readers of papers: each turns one format into a :class:`~oncohort.audit.document.Paper`."""
