"""Reference systems: read, guarded, chosen; the zones of VN-2000."""
