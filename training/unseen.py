"""Texts for language understanding that pretraining never saw: ordinary sentences, and facts in statement forms that they were not taught in."""

import random
from pathlib import Path

from choices import SEED
from language import context

SENTENCES = Path(__file__).with_name("unseen.txt")
FOLDS = ("A", "B")
STATEMENTS_PER_RELATION = 6   # in a fold


def sentence_documents():
    """One document per sentence of unseen.txt; they name no subject of the world."""
    return [
        {"id": f"general/{number}", "domain": "general", "relation": "general", "subjects": [], "fold": "general", "taught": False, "text": text}
        for number, text in enumerate(SENTENCES.read_text(encoding="utf-8").splitlines())
    ]


def statement_documents(relations, facts, taught):
    """Facts in a statement form that they were not taught in, without their last word, which stands apart."""
    documents = []
    for relation in relations.values():
        for fold in FOLDS:
            rng = random.Random(f"{SEED}:statements:{relation.id}:{fold}")
            mine = [f for f in facts if f.relation == relation.id and f.fold == fold and not f.dev]
            for fact in rng.sample(mine, min(STATEMENTS_PER_RELATION, len(mine))):
                form = rng.choice([f for f in range(len(relation.statements)) if f not in taught[fact.id]])
                before, word = f"{context(relation, form, fact.subject)} {fact.answer}".rsplit(" ", 1)
                documents.append({
                    "id": f"{fact.id}/{form}", "domain": fact.domain, "relation": fact.relation, "subjects": [fact.subject], "fold": fold,
                    "taught": False, "context": before, "word": word,
                })
    return documents
