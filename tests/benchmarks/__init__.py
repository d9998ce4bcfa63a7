"""Benchmarks: ratios measured side by side, run by hand (`python -m tests.benchmarks`), never as tests."""
