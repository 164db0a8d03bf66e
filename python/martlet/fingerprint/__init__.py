"""What reports say of the code and the environment of tasks: fingerprints that formatting and Pythons leave alone.

Nothing of the user's is imported here; what Python itself has loaded tells where classes come from.
"""
