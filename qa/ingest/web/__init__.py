"""Articles from the web: pages, feeds and sitemaps, fetched with care and followed over time."""
