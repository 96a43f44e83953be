"""Redis: what processes share, what must be fast, and what may be lost at any moment."""
