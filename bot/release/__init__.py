"""The rules of a cache release, as values and pure functions."""
