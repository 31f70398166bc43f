"""Answer the twelve numbered steps and give the verdict."""
