"""What users of other gateways complain of, each with a test named after it: docs/carriers.md lists them."""
