"""Entry point of the console script and of `python -m driftcheck`."""

import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    try:
        from driftcheck.cli import run

        code = run()
    except KeyboardInterrupt:  # while the command line itself was being imported
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
