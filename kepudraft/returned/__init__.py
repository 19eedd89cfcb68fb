"""Texts that come back from people: an exported draft that was edited, and last year's summary."""
