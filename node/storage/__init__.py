"""What a node keeps: SQLAlchemy tables keyed by issuer, on SQLite or PostgreSQL."""
