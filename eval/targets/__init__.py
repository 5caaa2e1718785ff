"""The systems that can be evaluated: `local`, `served`, and answers in a `file`."""
