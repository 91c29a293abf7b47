"""From a paper's blocks to its figures."""
