"""A section's facts -> its prose."""
