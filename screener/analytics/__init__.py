"""Pure numerics on closes: no files, no network, no clock, no vendor's names."""
