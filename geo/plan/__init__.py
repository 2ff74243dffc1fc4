"""Where the next points should stand, and how good the answer provably is."""
