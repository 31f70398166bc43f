"""Lead a file or a request to a verdict, and the verdict to words."""
