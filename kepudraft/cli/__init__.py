"""The command line: arguments, views, exit codes."""
