"""The `hoovik` command line: one file a command."""
