"""The report: its content once, then as a page, as Markdown and as text."""
