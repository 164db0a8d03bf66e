"""Martlet steers particle-physics analyses: tasks in Python on a compiled engine."""
