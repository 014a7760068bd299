"""`python -m riosim`: the command, where its script is not on the path."""

from riosim.cli import main

main()
