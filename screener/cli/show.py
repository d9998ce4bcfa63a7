"""`screener show`."""


def show() -> None:
    """Placeholder being written."""
