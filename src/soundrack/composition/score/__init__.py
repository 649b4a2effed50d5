"""The score: what is played and sung, in quarter notes from the beginning, before anybody plays it."""
