"""What a science-popularisation summary is made of: unit types and section roles, read from corpus/roles.toml.

A domain expert edits the table; the code knows only the keys below.
"""

from __future__ import annotations

from enum import StrEnum


class UnitType(StrEnum):
    """Who writes: the value is the name shown to people and written in files."""

    MUSEUM = "科技馆"
    ASSOCIATION = "科协"
    STREET = "街道"
    COMMUNITY = "社区"
    BUREAU = "科技局"
    BASE = "基地"
    SCHOOL = "学校"
    SOCIETY = "学会"


class Role(StrEnum):
    """What a section does in a summary."""

    OVERVIEW = "overview"
    LEADERSHIP = "leadership"
    ACTIVITIES = "activities"
    VENUES = "venues"
    TEAM = "team"
    YOUTH = "youth"
    RURAL = "rural"
    RESULTS = "results"
    PROBLEMS = "problems"
    PLANS = "plans"
    CLOSING = "closing"
