"""`python -m geo` is the command line."""

from geo.cli.main import main

if __name__ == "__main__":
    main(prog_name="geo")
