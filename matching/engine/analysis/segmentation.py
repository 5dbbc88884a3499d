"""Cutting runs of Chinese characters into words."""


def cut(text: str) -> list[str]:
    """Return the words of a text in their order, by the dictionary of the segmenter."""
    # The dictionary takes a third of a second to load: every command of a program that can match would pay for it.
    import rjieba

    return list(rjieba.cut(text))
