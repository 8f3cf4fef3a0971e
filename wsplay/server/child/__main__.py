"""`python -m wsplay.server.child`: the server's process."""

from wsplay.server.child.main import main

main()
