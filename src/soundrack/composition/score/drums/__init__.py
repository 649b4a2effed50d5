"""The drummer and the percussionist: kits, grooves, fills, and who plays them how."""
