"""Results as tables, CSV, JSON, Markdown, HTML: functions here return, and print nothing."""
