"""The runs that are kept while the program is open: the list, and a run that is played again."""
