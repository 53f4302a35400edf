import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe, toRecipeLabel } from '../core/compress/recipe-key.ts';
import type { TimeComparison } from '../core/eval/compare-times.ts';
import type { Fact } from '../core/eval/fact.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { Answers, Estimates, Precision } from './estimates.ts';
import { type PlannedUnit, planUnits } from './evaluation-plan.ts';
import { toLatency } from './latency-figures.ts';
import { type Outcome, type ResultBook, toResultSource } from './result-book.ts';
import type { Estimate, Latency, RegimeRow, ResultSet } from './results.ts';
import type { Timings } from './timings.ts';

export interface ResultSetInput {
  book: ResultBook;
  recipe: Recipe;
  textPrompt: string;
  manifest: PackManifest;
  facts: readonly Fact[];
  precision: Precision;
}

/** An answer with the item it was given to. */
type ItemAnswer = Answers & { itemId: string; isRight: boolean };

interface Kept {
  size: number;
  precision: Precision;
  value: Estimate | null;
}

/** Comparisons of times, and the runs that they were made of. */
interface KeptTimes {
  runs: readonly Timings[];
  found: readonly TimeComparison[];
}

export interface ResultSets {
  /** Null where a book has nothing of the recipe. */
  toResultSet(input: ResultSetInput): Promise<ResultSet | null>;
}

/** Live results as charts draw them; figures whose answers did not change are not computed again. */
export function createResultSets(estimates: Estimates): ResultSets {
  const known = new WeakMap<ResultBook, Map<string, Kept>>();
  const latencies = new WeakMap<Timings, Latency | null>();
  const comparedTimes = new WeakMap<ResultBook, KeptTimes>();
  let factsById = new Map<string, Fact>();
  let indexed: readonly Fact[] | null = null;

  /** The estimate made last for the same name and number of answers: answers are only ever added. */
  async function remember(
    { book, precision }: ResultSetInput,
    name: string,
    answers: readonly Answers[],
    compute: (answers: readonly Answers[], precision: Precision) => Promise<Estimate | null>,
  ): Promise<Estimate | null> {
    if (answers.length === 0) return null;
    const cache = known.get(book) ?? new Map<string, Kept>();
    known.set(book, cache);
    const kept = cache.get(name);
    const isFine = kept?.precision === 'final' || precision === 'live';
    if (kept?.size === answers.length && isFine) return kept.value;
    const value = await compute(answers, precision);
    cache.set(name, { size: answers.length, precision, value });
    return value;
  }

  async function rememberLatency(runs: Timings): Promise<Latency | null> {
    const kept = latencies.get(runs);
    if (kept !== undefined) return kept;
    const latency = await toLatency(runs, estimates.toMedian);
    latencies.set(runs, latency);
    return latency;
  }

  /** None of runs that are still being made: what is computed beside a timing slows it. */
  async function compareTimes(
    { book, precision }: ResultSetInput,
    units: readonly PlannedUnit[],
  ): Promise<readonly TimeComparison[]> {
    const timed = REGIME_KEYS.flatMap((key) => {
      const first = units.find((unit) => unit.key === key);
      const runs = first === undefined ? undefined : book.timings.get(first.regime.id);
      return runs === undefined ? [] : [{ key, runs }];
    });
    const kept = comparedTimes.get(book);
    const isSame = kept?.runs.length === timed.length && timed.every(({ runs }, i) => runs === kept.runs[i]);
    if (kept !== undefined && isSame) return kept.found;
    if (precision === 'live') return [];
    const regimes = timed.map(({ key, runs: { ttftMs, perTokenMs, startedAt } }) => {
      return { key, ttftMs, perTokenMs, startedAt: startedAt ?? null };
    });
    const found = await estimates.toTimeComparisons(regimes);
    comparedTimes.set(book, { runs: timed.map(({ runs }) => runs), found });
    return found;
  }

  function toAnswers(outcomes: ReadonlyMap<string, Outcome> | undefined, belongs: (fact: Fact) => boolean) {
    const answers: ItemAnswer[] = [];
    for (const [itemId, { isRight }] of outcomes ?? []) {
      const fact = factsById.get(itemId.slice(0, itemId.lastIndexOf('?')));
      if (fact !== undefined && belongs(fact)) {
        answers.push({ itemId, subject: fact.subject, isRight, right: [isRight] });
      }
    }
    // Subjects are drawn by their place: in the order of a run, an interval would differ from that of the same answers read back.
    return answers.sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
  }

  async function toRow(
    key: RegimeKey,
    units: readonly PlannedUnit[],
    input: ResultSetInput,
  ): Promise<RegimeRow | null> {
    const { book } = input;
    const [firstUnit] = units;
    if (firstUnit === undefined) return null;
    const collect = (belongs: (fact: Fact, unit: PlannedUnit) => boolean) =>
      units.flatMap((unit) => toAnswers(book.outcomes.get(unit.regime.id), (fact) => belongs(fact, unit)));
    const name = units.map(({ regime }) => regime.id).join('\n');
    const estimate = (kind: string, answers: readonly ItemAnswer[]) =>
      remember(input, `${kind} ${name}`, answers, estimates.toAccuracy);
    const isRepaired = firstUnit.fold !== null;
    const heldOut = isRepaired ? collect((fact, { fold }) => isCounted(fact) && fact.fold !== fold) : [];
    const seen = isRepaired ? collect((fact, { fold }) => isCounted(fact) && fact.fold === fold) : [];
    const accuracy = {
      all: isRepaired ? null : await estimate('all', collect(isCounted)),
      seen: await estimate('seen', seen),
      heldOut: await estimate('held-out', heldOut),
      control: await estimate(
        'control',
        collect((fact) => fact.fold === 'control'),
      ),
    };
    const runs = book.timings.get(firstUnit.regime.id);
    const latency = runs === undefined ? null : await rememberLatency(runs);
    const size = book.sizes.get(firstUnit.regime.id) ?? null;
    if (latency === null && Object.values(accuracy).every((each) => each === null)) return null;
    const isTransferred = units.some((unit) => unit.isTransferred);
    const isOneTwin = isRepaired && units.length === 1;
    const recovered = await toRecoveredRow(name, heldOut, input);
    return { key, isTransferred, isOneTwin, accuracy, recovered, latency, size };
  }

  function toRecoveredRow(name: string, repaired: readonly ItemAnswer[], input: ResultSetInput) {
    const { book, recipe, manifest } = input;
    const [dense, compressed] = planUnits([], recipe, manifest, '').map(({ regime }) => book.outcomes.get(regime.id));
    const triples = repaired.flatMap(({ itemId, subject, isRight }) => {
      const before = dense?.get(itemId);
      const after = compressed?.get(itemId);
      if (before === undefined || after === undefined) return [];
      return [{ subject, right: [before.isRight, after.isRight, isRight] }];
    });
    return remember(input, `recovered ${name}`, triples, estimates.toRecovered);
  }

  function toDamageOf(input: ResultSetInput) {
    const { book, recipe, manifest } = input;
    const [dense, compressed] = planUnits([], recipe, manifest, '').map(({ regime }) => regime.id);
    if (dense === undefined || compressed === undefined) return null;
    const before = new Map(toAnswers(book.outcomes.get(dense), isCounted).map((each) => [each.itemId, each]));
    const pairs = toAnswers(book.outcomes.get(compressed), isCounted).flatMap(({ itemId, subject, isRight }) => {
      const other = before.get(itemId);
      return other === undefined ? [] : [{ subject, right: [other.isRight, isRight] }];
    });
    return remember(input, `damage ${compressed}`, pairs, estimates.toDamage);
  }

  return {
    toResultSet: async (input) => {
      const { book, recipe, manifest, facts, textPrompt } = input;
      if (indexed !== facts) {
        indexed = facts;
        factsById = new Map(facts.map((fact) => [fact.id, fact]));
      }
      const units = planUnits(REGIME_KEYS, recipe, manifest, textPrompt);
      const rows: RegimeRow[] = [];
      // One after the other, so that no two rows are collected in one task.
      for (const key of REGIME_KEYS) {
        const own = units.filter((unit) => unit.key === key);
        const row = await toRow(key, own, input);
        if (row !== null) rows.push(row);
      }
      // Dense alone belongs to every recipe: it says nothing of this one.
      if (rows.every(({ key }) => key === 'dense')) return null;
      const preset = manifest.recipes.find((entry) => isSameRecipe(entry.recipe, recipe));
      const recipeLabel = preset?.label ?? toRecipeLabel(recipe);
      const damage = await toDamageOf(input);
      const timeComparisons = await compareTimes(input, units);
      const source = toResultSource(book);
      return { source, recipe, recipeLabel, damage, rows: hideRecovered(rows, damage), timeComparisons };
    },
  };
}

/** Rows without recovered shares while the damage's interval touches 0: a share of nothing says nothing. */
export function hideRecovered<Row extends Pick<RegimeRow, 'recovered'>>(
  rows: readonly Row[],
  damage: Estimate | null,
): readonly Row[] {
  return damage !== null && damage.low > 0 ? rows : rows.map((row) => ({ ...row, recovered: null }));
}

/** Published figures are of the two folds, development facts left out whoever scored them. */
function isCounted({ fold, dev }: Fact): boolean {
  return (fold === 'A' || fold === 'B') && !dev;
}
