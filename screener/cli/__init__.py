"""The commands: each parses, calls, renders, exits."""
