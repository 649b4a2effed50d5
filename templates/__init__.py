"""Flows for n8n and Make that master audio by Masterify's API, and (in `source`) what writes them."""
