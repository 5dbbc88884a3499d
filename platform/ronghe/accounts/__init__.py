"""People who sign in and clients that call the API."""
