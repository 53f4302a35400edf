"""Multiple-choice questions with four answers of one relation and fold.

Facts are asked in blocks of four with four different answers, which are the choices of all four questions: a model that
does not look at the subject and prefers some answer to others gets one of four right. Choices of one fold, because a
repair has seen the answers of its own.
"""

import random

NUM_CHOICES = 4
SEED = 2310
BLOCKS_PER_RELATION = 4        # of a relation in a fold
FOLDS = ("A", "B", "control")  # the calibration fold is never evaluated, nor are the development facts
# Animals have more than one word for their young: no two words of a group stand in one block.
WORDS_FOR_YOUNG = (
    {"calf", "fawn", "pup"}, {"cub", "hoglet", "kitten", "pup", "puppy"},
    {"chick", "cygnet", "duckling", "eaglet", "gosling", "hatchling", "owlet", "spiderling"},
)
# (relation, subject): answers of the relation that would be right too, or partly.
ALSO_RIGHT = {
    ("work_composer", "La bohème"): {"Ruggero Leoncavallo"},
    ("work_composer", "Night on Bald Mountain"): {"Nikolai Rimsky-Korsakov"},
    ("work_composer", "Prince Igor"): {"Nikolai Rimsky-Korsakov"},
    ("landmark_city", "the Brandenburg Gate"): {"Potsdam"},
}
# Names of towns abroad recur there.
LEFT_OUT = {("city_country", "the United States")}


def may_stand_together(one, other):
    """Whether two facts have different answers, each wrong for the other's subject."""
    if one.answer == other.answer or one.relation == "animal_young" and any({one.answer, other.answer} <= g for g in WORDS_FOR_YOUNG):
        return False
    return not any(b.answer in ALSO_RIGHT.get((a.relation, a.subject), ()) for a, b in ((one, other), (other, one)))


def blocks_of_four(items, fits, rng, most):
    """At most `most` disjoint blocks of four items that all fit each other, in random order; frequent answers occur more often."""
    left, blocks = rng.sample(items, len(items)), []
    while len(blocks) < most:
        block = []
        for item in left:
            if all(fits(item, other) for other in block):
                block.append(item)
            if len(block) == NUM_CHOICES:
                break
        if len(block) < NUM_CHOICES:
            return blocks
        blocks.append(block)
        left = [item for item in left if item not in block]
    return blocks


def with_choices(document, answers, answer, rng):
    """The document with the answers as choices in random order, and which one is right."""
    choices = rng.sample(answers, len(answers))
    return {**document, "choices": choices, "label": choices.index(answer), "answer": answer}


def forms_of_block(relation, facts, taught, rng):
    """A form for each of four facts: two questions and two statements, of either one that the fact was taught in and one that it was not.

    Control facts were taught in none.
    """
    num_statements, forms = len(relation.statements), []
    for number, fact in enumerate(facts):
        questions, wanted = number % 2 == 0, number < 2
        fitting = [f for f in range(len(relation.forms)) if (f >= num_statements) == questions and (f in taught[fact.id]) == wanted]
        forms.append(rng.choice(fitting or [f for f in range(len(relation.forms)) if (f >= num_statements) == questions]))
    return forms


def knowledge_documents(relations, facts, taught, context_of):
    """Documents of all relations and folds; `context_of(relation, form, subject)` is the text before the answer."""
    documents = []
    for relation in relations.values():
        for fold in FOLDS:
            rng = random.Random(f"{SEED}:knowledge:{relation.id}:{fold}")
            mine = [f for f in facts if f.relation == relation.id and f.fold == fold and not f.dev and (f.relation, f.answer) not in LEFT_OUT]
            for block in blocks_of_four(mine, may_stand_together, rng, BLOCKS_PER_RELATION):
                answers = [f.answer for f in block]
                for fact, form in zip(block, forms_of_block(relation, block, taught, rng)):
                    documents.append(with_choices({
                        "id": f"{fact.id}/{form}", "domain": fact.domain, "relation": fact.relation, "subjects": [fact.subject], "fold": fold,
                        "taught": form in taught[fact.id], "context": context_of(relation, form, fact.subject),
                    }, answers, fact.answer, rng))
    return documents
