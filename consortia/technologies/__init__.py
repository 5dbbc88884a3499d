"""Technologies, their competing routes, relations and interfaces."""
