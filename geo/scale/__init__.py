"""Measures per village over partitions of a file, on this machine or on a cluster, never holding the whole layer."""
