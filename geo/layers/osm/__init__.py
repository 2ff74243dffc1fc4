"""Extracts of OpenStreetMap: what stands in them, as layers, and as a study of one place."""
