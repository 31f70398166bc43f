"""Put a node together: tenants, open_node, signing profiles, scheduled jobs, logs."""
