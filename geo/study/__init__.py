"""A study from its file to its figures, and what a repair does to them."""
