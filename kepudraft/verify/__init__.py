"""Judges any text against facts."""
