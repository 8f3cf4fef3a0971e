"""`python -m wsplay` is `wsplay`."""

from wsplay.cli.main import main

if __name__ == "__main__":
    main()
