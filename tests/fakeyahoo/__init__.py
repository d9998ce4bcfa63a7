"""A fake of the Yahoo Finance endpoints on loopback, told to fail in the ways in which the real one does."""
