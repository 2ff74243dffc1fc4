"""Text that is older than Unicode, or that was misread, found by evidence and turned into Unicode."""
