"""Snapshots on disk: written durable, proven and read back."""
