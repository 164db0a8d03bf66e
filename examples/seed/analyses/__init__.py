"""Analyses of the group, one package each."""
