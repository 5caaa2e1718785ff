"""`dateline eval stress`: the same cases under changes that should not, or should, matter."""
