"""The Slack door: payloads become Asks, the ledger becomes messages."""
