"""Stores that go wrong when they are told to."""

from __future__ import annotations

from storage.rude import Store, rude

__all__ = ["Store", "rude"]
