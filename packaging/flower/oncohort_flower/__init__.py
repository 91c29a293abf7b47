"""oncohort's consortium on Flower: carries sealed texts, and does nothing else."""
