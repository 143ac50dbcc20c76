"""A Redis keyspace walked, captured, purged and restored."""
