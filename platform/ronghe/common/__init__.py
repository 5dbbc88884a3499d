"""The bottom layer: errors, base models, language-tagged text, units, and the shell of pages and API."""
