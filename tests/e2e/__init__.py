"""The platform as people meet it: in a real browser, over HTTP."""
