"""What songs of the composition engine measure."""
