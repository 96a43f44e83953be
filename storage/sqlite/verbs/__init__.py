"""The verbs of the embedded store: a file per section of the port (`gateway/ports`), named like it."""
