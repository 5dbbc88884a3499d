"""System checks of the settings; each has an id and a hint."""
