"""What Martlet costs beside other engines and beside no engine at all, on the same graphs in one run: `make bench`."""
