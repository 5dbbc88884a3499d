"""Running the platform: its processes and the services they need."""
