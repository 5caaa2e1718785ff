"""The same corpus and questions through Dateline and its peers: ``make peers``."""
