"""The vocabulary of prompts: TOML files by subject, each term with its forms in English and Korean and its effect."""

from soundrack.composition.prompt.vocabulary.grammar import Grammar, grammar
from soundrack.composition.prompt.vocabulary.term import SUBJECTS, Term, emoji, terms

__all__ = ["SUBJECTS", "Grammar", "Term", "emoji", "grammar", "terms"]
