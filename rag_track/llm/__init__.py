"""Language models by name, what makes their calls dependable, and what they cost."""
