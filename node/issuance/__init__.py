"""Turn cohort rows into signed credentials that are sealed and queued."""
