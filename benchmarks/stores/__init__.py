"""What it costs to find out which of many remote files are there."""
