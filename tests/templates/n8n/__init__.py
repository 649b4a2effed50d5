"""A real n8n that runs the flows of the template hub; `make n8n` installs it and runs them."""
