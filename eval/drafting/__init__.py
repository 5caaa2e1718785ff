"""Cases drafted from an archive, which a person accepts, edits or rejects."""
