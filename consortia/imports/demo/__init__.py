"""The demo network: fictitious organizations with real technologies, authored as YAML files beside this code."""
