"""`python -m oncohort` is the `oncohort` command."""

from oncohort.cli import main

if __name__ == "__main__":
    main()
