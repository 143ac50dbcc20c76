"""HTTP requests to the app that is released, guarded and timed."""
