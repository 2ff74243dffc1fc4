"""A study's plan: its layers put as a question about sites, and its figures before and after."""
