"""Many processes over one PostgreSQL store: real ones, over sockets, killed, held and cut off."""
