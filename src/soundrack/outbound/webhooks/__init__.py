"""What happened, told to whoever asked to be told: events, endpoints, deliveries."""
