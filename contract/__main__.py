"""`python -m contract` is `contract-check`."""

from contract.cli import main

main()
