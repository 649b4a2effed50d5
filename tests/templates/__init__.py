"""The template hub: its files, the checks that they pass, and (in `n8n`) flows that really run."""
