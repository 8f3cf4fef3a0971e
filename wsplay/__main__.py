"""`python -m wsplay` is `wsplay`."""

from wsplay.start import main

if __name__ == "__main__":
    main()
