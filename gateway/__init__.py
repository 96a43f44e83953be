"""The gateway itself: its domain, its services, its operators and the programs that run them."""
