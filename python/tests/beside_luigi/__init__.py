"""The same script, command line and configuration under luigi 3.8.1 and under Martlet: answers to compare."""
