"""What the bundle's program runs."""

from oncohort.cli.bundle import main

if __name__ == "__main__":
    main()
