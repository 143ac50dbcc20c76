"""The ledger in SQL: its tables, its transitions and its audit."""
