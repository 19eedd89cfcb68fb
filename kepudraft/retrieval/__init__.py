"""Finds passages of the corpus that show how a section is written. Only this package reaches an index."""
