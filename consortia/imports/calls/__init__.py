"""Funding topics of the EU Funding & Tenders portal, one JSON object a line."""
