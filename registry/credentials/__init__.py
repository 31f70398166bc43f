"""Parse and build credentials, cohort files, status lists and baked badges."""
