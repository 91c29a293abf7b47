"""Parts of the Cox model: rows, sorted design, likelihood, iterations, intervals, results.

:func:`oncohort.stats.cox` puts them together.
"""
