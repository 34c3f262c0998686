"""`python -m fake_jira` and the command `fake-jira`."""

import gc


def main() -> None:
    """The command. Nothing that is imported is garbage, and looking for some makes the start a tenth slower."""
    gc.disable()
    from fake_jira.cli import main as command  # noqa: PLC0415

    command()


if __name__ == "__main__":
    main()
