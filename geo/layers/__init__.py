"""Bring layers in, know what they are, find their faults, put them out; no other room touches data files."""
