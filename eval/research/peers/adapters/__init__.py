"""One script for each system. Each runs in an environment of its own, see `..wire`."""
