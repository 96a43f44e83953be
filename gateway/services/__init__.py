"""The verbs of the gateway: what is done with a message, a receipt, an inbound message, a webhook."""
