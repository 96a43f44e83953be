"""What the acceptance tests drive the gateway with: its process, a carrier, a tenant's client and webhook receiver."""
