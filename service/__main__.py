"""`python -m service`: the same as `ticket-service`."""

from service.cli import main

main()
