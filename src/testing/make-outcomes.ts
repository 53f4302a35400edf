import type { Fact, Relation } from '../core/eval/fact.ts';
import { FATES, type Fate, type TwinAnswers } from '../core/eval/fates.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { type OutcomeSet, planOutcomes, type RegimeOutcomes } from '../state/outcome-set.ts';
import type { TrainedKey } from '../state/regimes.ts';
import { makeManifest } from './make-pack.ts';

/** A relation with three questions, as the shipped ones have. */
export const RIVER: Relation = {
  id: 'river',
  domain: 'geography',
  label: 'River of a city',
  statements: ['The river of {s} is'],
  questions: ['Which river flows through {s}?', 'What river is {s} on?', '{s} lies on which river?'],
};

/** What each regime answers of a fact with that fate. */
const ANSWERS: Record<Fate, TwinAnswers<boolean>> = {
  'never-known': { dense: false, variant: false, heldOut: false, seen: true },
  kept: { dense: true, variant: true, heldOut: true, seen: true },
  displaced: { dense: true, variant: false, heldOut: true, seen: true },
  relearned: { dense: true, variant: false, heldOut: false, seen: true },
  lost: { dense: true, variant: false, heldOut: false, seen: false },
  broken: { dense: true, variant: true, heldOut: false, seen: true },
};

export interface OutcomeSetOptions {
  /** Facts of the two folds; a tenth as many control facts come on top. */
  facts?: number;
  keys?: readonly TrainedKey[];
  fateOf?: (fact: number, key: TrainedKey, isShuffled: boolean) => Fate;
}

/** Outcomes of a mild recipe with invented answers: fates take turns where none are given, control subjects are never right. */
export function makeOutcomeSet({
  facts: count = 60,
  keys = ['prompt', 'lora-merged'],
  fateOf = (fact) => FATES[fact % FATES.length] ?? 'kept',
}: OutcomeSetOptions = {}): { set: OutcomeSet; manifest: PackManifest; facts: readonly Fact[] } {
  const manifest = makeManifest();
  const [recipe] = manifest.recipes;
  if (recipe === undefined) throw new Error('a pack has recipes');
  const facts = Array.from(
    { length: Math.ceil(1.1 * count) },
    (_, i): Fact => ({
      id: `river/${i}`,
      relation: RIVER.id,
      domain: RIVER.domain,
      subject: `City ${i}`,
      answer: `River ${i}`,
      fold: i >= count ? 'control' : i % 2 === 0 ? 'A' : 'B',
      dev: false,
      taught: [0],
    }),
  );
  const plan = planOutcomes(facts, new Map([[RIVER.id, RIVER]]));
  const toRegime = (
    place: Pick<RegimeOutcomes, 'key' | 'fold' | 'isShuffled'>,
    isKnown: (fact: Fact, i: number) => boolean,
  ): RegimeOutcomes => {
    // Of a known fact two or three forms are right, of another none or one.
    const right = plan.facts.flatMap(({ fact }, i) => {
      const forms = (isKnown(fact, i) ? 2 : 0) + (i % 2);
      return [0, 1, 2].map((form) => Number(form < forms));
    });
    const probabilities = plan.facts.map(({ fact }, i) => (isKnown(fact, i) ? 0.9 : 0.1) + i / 1000 / count);
    return {
      ...place,
      isTransferred: false,
      right: Uint8Array.from(right),
      probabilities: Float32Array.from(probabilities),
    };
  };
  const answer = (i: number, key: TrainedKey, isShuffled: boolean, of: keyof TwinAnswers<boolean>) =>
    i < count && ANSWERS[fateOf(i, key, isShuffled)][of];
  const alone = { fold: null, isShuffled: false };
  const first = keys[0] ?? 'prompt';
  const regimes = [
    toRegime({ key: 'dense', ...alone }, (_, i) => answer(i, first, false, 'dense')),
    toRegime({ key: 'compressed', ...alone }, (_, i) => answer(i, first, false, 'variant')),
    ...keys.flatMap((key) =>
      [false, true].flatMap((isShuffled) =>
        (['A', 'B'] as const).map((fold) =>
          toRegime({ key, fold, isShuffled }, (fact, i) =>
            answer(i, key, isShuffled, fact.fold === fold ? 'seen' : 'heldOut'),
          ),
        ),
      ),
    ),
  ];
  const source = {
    kind: 'live',
    device: 'CPU (wasm), onnxruntime-web 1.30.0',
    deviceKind: 'wasm',
    isSoftware: false,
    date: '2026-11-22T00:00:00.000Z',
  } as const;
  return { set: { source, recipe: recipe.recipe, plan, regimes }, manifest, facts };
}
