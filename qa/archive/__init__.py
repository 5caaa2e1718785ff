"""The archive on disk, its index, and what is stored beside the articles."""
