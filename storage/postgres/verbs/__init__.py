"""The verbs of the production store: a file per section of the port (`gateway/ports`), named like it."""
