"""How a run is asked for and told about: command line, configuration, scripts, display, summary."""
