"""luigi's own tests against Martlet's luigi face: `make luigi-suite`."""
