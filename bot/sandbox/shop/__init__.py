"""A demo shop with a Redis page cache: something to release, and something to roll back."""
