"""Two studies of one territory: every figure then and now, and why it moved."""
