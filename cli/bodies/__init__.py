"""Do the work of each command. Its options and its help are in the module of the same name in `acredita.cli`."""
