"""Analysis: texts in Chinese, English and other languages become terms that can be counted and compared."""

from matching.engine.analysis.analyzer import Analysis, Analyzer, is_portable
from matching.engine.analysis.concepts import ConceptMatcher

__all__ = ["Analysis", "Analyzer", "ConceptMatcher", "is_portable"]
