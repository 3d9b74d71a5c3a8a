"""Entry point of the console script and of `python -m driftcheck`."""

import sys

from driftcheck.cli import run


def main() -> None:
    """Run the command line, and exit with its code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
