"""What no distance exceeds."""

FARTHEST_KM = 20_004
"""Half of the way around the earth: nothing is farther from anything."""

LONGEST_RANGE_KM = 2_000
"""Farther than any cell or transmitter reaches; wider discs would no longer be drawn right."""
