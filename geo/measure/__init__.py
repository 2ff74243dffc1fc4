"""What is measured on the layers: pure functions; no file, no drawing, no setting."""
