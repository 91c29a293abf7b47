"""The pages: what each address shows and does. Each module is one step of the work."""
