"""`python -m scenarios` is `replay`."""

from scenarios.cli import main

main()
