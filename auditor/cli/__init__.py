"""The command line: parse, call a command, print, exit."""
