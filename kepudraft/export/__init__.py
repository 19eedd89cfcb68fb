"""Finished drafts as files: Word by GB/T 9704-2012, Markdown, plain text, and the evidence as a page or as JSON."""

from kepudraft.export.files import write

__all__ = ["write"]
