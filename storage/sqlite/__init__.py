"""The embedded store: one process serves, SQLite in WAL mode with synchronous=FULL, commits shared by the batcher."""
