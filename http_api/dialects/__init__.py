"""One package per HTTP contract: its words in, its words out. None knows the store; none knows another."""
