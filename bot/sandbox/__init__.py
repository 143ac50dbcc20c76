"""A local Slack with a page, and a demo shop, to try and to test everything without a workspace."""
