"""One file for each outside thing that the bot touches."""
