"""What a PyMC model is to helpers: private, and it imports nothing from above."""
