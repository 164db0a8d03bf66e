"""The ttH analysis."""
