"""A Slack bot that makes a Redis cache release inspectable, approved, repeatable and undoable."""
