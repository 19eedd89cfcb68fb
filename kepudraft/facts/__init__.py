"""A unit's facts: reading them from any file, and computing further facts from them."""
