"""Measures: `python -m eval NAME`."""
