"""A strict local Slack: Web API, Socket Mode, signed HTTP delivery, and the door of its page."""
