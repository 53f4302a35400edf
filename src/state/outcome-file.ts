import * as z from 'zod/mini';
import type { Recipe } from '../core/compress/recipe.ts';
import { refusePack } from '../core/pack/check.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { OutcomePlan, OutcomeSet, RegimeOutcomes } from './outcome-set.ts';
import { fromCodesText, type ItemsMark, toCodesText, toItemsMark } from './recorded-answers.ts';
import { parseRecordedFile, recordedSource, whole } from './recorded-fields.ts';
import { toTrainedKey } from './regimes.ts';
import { ENGINE_VERSION } from './result-book.ts';
import type { ResultSource } from './results.ts';

/** Bits that a probability is kept in: one character of base64 a fact. */
const PROBABILITY_BITS = 6;
const TOP_CODE = 2 ** PROBABILITY_BITS - 1;

const outcomes = z.object({
  version: z.literal(1),
  /** Null for the file of the dense model. */
  recipeId: z.nullable(z.string()),
  source: recordedSource,
  engineVersion: whole,
  items: z.object({ count: whole, fingerprint: z.string() }),
  regimes: z.array(
    z.object({
      /** The name of a repair of the recipe; null for the model without help. */
      repair: z.nullable(z.string()),
      right: z.string(),
      probabilities: z.nullable(z.string()),
    }),
  ),
});

type OutcomesFile = z.infer<typeof outcomes>;

/** A file of recorded outcomes, checked against what would be asked today. */
export interface RecordedOutcomes {
  source: ResultSource;
  /** The engine that gave the answers, counted as in `result-book.ts`. */
  engineVersion: number;
  regimes: readonly RegimeOutcomes[];
}

/**
 * A file of `outcomes` in a pack's manifest (`docs/pack-format.md`); throws `pack-invalid` naming the file and the first bad field, also
 * where it tells of other questions than the plan's or of repairs that the manifest lacks.
 */
export function parseOutcomes(
  bytes: Uint8Array,
  fileName: string,
  { recipeId, plan, manifest }: { recipeId: string | null; plan: OutcomePlan; manifest: PackManifest },
): RecordedOutcomes {
  const data = parseRecordedFile(outcomes, bytes, fileName);
  const refuse = (field: string, observed: string, allowed: string) => refusePack(fileName, field, observed, allowed);
  if (data.recipeId !== recipeId) refuse('recipeId', String(data.recipeId), String(recipeId));
  const wanted = toPlanMark(plan);
  if (data.items.count !== wanted.count) refuse('items.count', String(data.items.count), String(wanted.count));
  if (data.items.fingerprint !== wanted.fingerprint) {
    refuse('items.fingerprint', data.items.fingerprint, `${wanted.fingerprint}, that of the questions of this pack`);
  }
  const seen = new Set<string | null>();
  const regimes = data.regimes.map(({ repair: name, right, probabilities }, i): RegimeOutcomes => {
    const field = `regimes.${i}`;
    const repair = manifest.repairs.find((each) => each.recipeId === recipeId && each.name === name);
    if (name !== null && repair === undefined) return refuse(`${field}.repair`, name, 'a repair of the recipe');
    if (seen.has(name)) refuse(`${field}.repair`, `${name} twice`, 'given once');
    seen.add(name);
    const codesOf = (text: string, part: string, bits: number, count: number) =>
      fromCodesText(text, bits, count) ?? refuse(`${field}.${part}`, 'damaged', `base64 of ${count} codes`);
    const codes =
      probabilities === null ? null : codesOf(probabilities, 'probabilities', PROBABILITY_BITS, plan.facts.length);
    return {
      key: repair === undefined ? (recipeId === null ? 'dense' : 'compressed') : toTrainedKey(repair),
      fold: repair?.fold ?? null,
      isShuffled: repair?.shuffledAnswers ?? false,
      isTransferred: false,
      right: codesOf(right, 'right', 1, wanted.count),
      probabilities: codes && Float32Array.from(codes, toProbability),
    };
  });
  return { source: data.source, engineVersion: data.engineVersion, regimes };
}

/** Recorded files of the dense model and of a recipe as one set; throws `pack-invalid` where another device or engine made one of them. */
export function joinOutcomes(
  recipe: Recipe,
  plan: OutcomePlan,
  dense: RecordedOutcomes,
  own: RecordedOutcomes,
): OutcomeSet {
  const place = 'Recorded outcomes';
  if (dense.source.device !== own.source.device) {
    refusePack(place, 'source.device', own.source.device, `${dense.source.device}, that of the dense model`);
  }
  if (dense.engineVersion !== own.engineVersion) {
    refusePack(place, 'engineVersion', `${own.engineVersion}`, `${dense.engineVersion}, that of the dense model`);
  }
  return { source: own.source, recipe, plan, regimes: [...dense.regimes, ...own.regimes] };
}

/**
 * What a complete set is recorded as: the file of its recipe, or with `recipeId` null that of the dense model. Probabilities of
 * repairs with shuffled answers are left out: nothing shows them, and they are an eighth of all bytes.
 */
export function toOutcomesFile(
  { plan, regimes, source }: OutcomeSet,
  recipeId: string | null,
  toRepairName: (regime: RegimeOutcomes) => string,
): OutcomesFile {
  const wanted = regimes.filter(({ key }) => (key === 'dense') === (recipeId === null));
  return {
    version: 1,
    recipeId,
    source: { ...source, kind: 'recorded' },
    engineVersion: ENGINE_VERSION,
    items: toPlanMark(plan),
    regimes: wanted.map((regime) => ({
      repair: regime.fold === null ? null : toRepairName(regime),
      right: toCodesText(regime.right, 1),
      probabilities:
        regime.isShuffled || regime.probabilities === null
          ? null
          : toCodesText(Uint8Array.from(regime.probabilities, toCode), PROBABILITY_BITS),
    })),
  };
}

/** Half of what a file costs to read; every file of a pack is of the same plan. */
const marks = new WeakMap<OutcomePlan, ItemsMark>();

function toPlanMark(plan: OutcomePlan): ItemsMark {
  const mark = marks.get(plan) ?? toItemsMark(plan.items);
  marks.set(plan, mark);
  return mark;
}

/** The arcsine scale has fine steps where probabilities gather, near 0 and 1: off by .0007 there and by .0125 in the middle at most. */
function toCode(probability: number): number {
  return Math.round((TOP_CODE * 2 * Math.asin(Math.sqrt(probability))) / Math.PI);
}

function toProbability(code: number): number {
  return Math.sin((Math.PI * code) / (2 * TOP_CODE)) ** 2;
}
