"""The whole job as functions: read, run, write, explain, compare; no terminal, no browser."""

from oncohort.study.study import Study, read_study

__all__ = ["Study", "read_study"]
