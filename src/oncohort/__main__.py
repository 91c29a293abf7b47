"""`python -m oncohort` is the `oncohort` command."""

from oncohort.cli import program

if __name__ == "__main__":
    program()
