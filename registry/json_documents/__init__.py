"""Read JSON strictly, write it canonically (JCS), and check it by schema."""
