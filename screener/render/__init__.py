"""Results as tables, CSV, JSON, Markdown, HTML: functions here return text or renderables and print nothing."""
