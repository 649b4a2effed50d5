"""What things cost, and who has paid."""
