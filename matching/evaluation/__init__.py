"""How good the matches are: real consortia and judged sets, over the engine that the platform runs."""
