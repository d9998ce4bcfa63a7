"""Screen event shocks: who lost, who won, how deep, and how much came back."""

__version__ = "0.1.0"
