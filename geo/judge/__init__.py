"""Published figures and standards, held against the layers."""
