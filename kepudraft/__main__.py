"""The command `kepudraft`, also as `python -m kepudraft`."""

from kepudraft.cli.app import main

if __name__ == "__main__":
    main()
