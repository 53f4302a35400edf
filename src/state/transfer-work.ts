import { AppError } from '../core/errors.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import { PACKED, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import { runAccuracy } from './accuracy-run.ts';
import type { LiveEngine } from './engine-store.ts';
import { type Answers, createEstimates, RESAMPLES } from './estimates.ts';
import { type PlannedItem, type PlannedUnit, planItems, planUnits } from './evaluation-plan.ts';
import type { LivePack } from './pack-store.ts';
import { parseTransfer } from './parse-transfer.ts';
import type { Platform } from './platform.ts';
import { toRepairedRegime } from './regimes.ts';
import { type ResultBook, type ResultLibrary, toResultSource } from './result-book.ts';
import {
  type LiveCell,
  type MeasuredCell,
  type RecordedTransfer,
  TRANSFER_KEY,
  type TransferPlace,
} from './transfer-state.ts';

export interface TransferWorkOptions {
  engine: LiveEngine;
  pack: LivePack;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'now' | 'statistics'>;
}

/** What the matrix is read and measured with; loaded when its tab first asks. */
export interface TransferWork {
  /** A recorded matrix with its differences tested; throws `pack-invalid`. */
  read(bytes: Uint8Array, fileName: string): Promise<RecordedTransfer>;
  /** Asks both twins, and the variant without a repair, the same items; throws `AppError` where that ends. */
  measure(
    place: TransferPlace,
    items: number,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<LiveCell & { status: 'done' }>;
}

/** One half of a cell: a twin, then the variant without a repair, and the questions of the fold that the twin did not see. */
interface Half {
  units: readonly PlannedUnit[];
  items: readonly PlannedItem[];
}

export function createTransferWork({ engine, pack, library, platform }: TransferWorkOptions): TransferWork {
  const { statistics } = platform;
  const estimates = createEstimates(statistics);

  async function read(bytes: Uint8Array, fileName: string): Promise<RecordedTransfer> {
    const { cells, contrasts, ...rest } = parseTransfer(bytes, fileName);
    const family = [...cells.map(({ gain }) => gain), ...contrasts.map(({ comparison }) => comparison)];
    const tested = await statistics.compute('compareCounted', family);
    const after = tested.slice(cells.length);
    return {
      ...rest,
      cells: cells.flatMap((cell, i) => tested.slice(i, i + 1).map((gain) => ({ ...cell, gain }))),
      contrasts: contrasts.flatMap((each, i) => after.slice(i, i + 1).map((comparison) => ({ ...each, comparison }))),
    };
  }

  async function measure(...[place, items, onProgress, signal]: Parameters<TransferWork['measure']>) {
    const halves = toHalves(place, items);
    const results = library();
    if (results === null) throw toUnread();
    const total = halves.reduce((sum, { units, items: own }) => sum + units.length * own.length, 0);
    let before = 0;
    onProgress(before, total);
    for (const { units, items: own } of halves) {
      const { refused } = await runAccuracy({
        engine,
        recipe: null,
        library: results,
        items: own,
        units,
        date: () => new Date(platform.now()).toISOString(),
        onProgress: ({ done }) => onProgress(before + done, total),
        onOutcomes: () => undefined,
        signal,
      });
      if (refused !== null) throw new AppError(refused.code, refused.message, refused.details);
      before += units.length * own.length;
    }
    const { engine: phase } = engine.store.getState();
    if (phase.status !== 'ready') {
      throw new AppError('stopped', 'The device is being replaced. Measure the cell again.');
    }
    const book = results.bookOf(phase.device);
    return { status: 'done' as const, ...(await toMeasured(place, halves, book)), source: toResultSource(book) };
  }

  /** Both twins with as many questions each; throws `input-invalid` where the pack lacks what the cell needs. */
  function toHalves(place: TransferPlace, items: number): Half[] {
    const manifest = pack.manifest();
    const { facts } = pack.store.getState();
    const to = manifest?.recipes.find(({ id }) => id === place.to);
    if (manifest === null || to === undefined || facts.status !== 'ready') throw toUnread();
    const key = TRANSFER_KEY[place.type];
    const plain = planUnits([], to.recipe, manifest, '').filter((unit) => unit.key === 'compressed');
    return (['A', 'B'] as const).map((fold) => {
      const other = fold === 'A' ? 'B' : 'A';
      const regime = toRepairedRegime(key, to.recipe, findRepair(manifest, place, fold).id);
      return {
        units: [{ key, fold, regime, isTransferred: place.from !== place.to }, ...plain],
        items: planItems(facts.facts, facts.relations, [other]).slice(0, Math.ceil(items / 2)),
      };
    });
  }

  async function toMeasured(place: TransferPlace, halves: readonly Half[], book: ResultBook): Promise<MeasuredCell> {
    const answers = halves.flatMap((half) => toAnswers(half, book));
    // A device that was replaced between the halves left one of them in its own book.
    const isWhole = answers.length === halves.reduce((sum, { items }) => sum + items.length, 0);
    const [accuracy, plain, gain] = await Promise.all([
      estimates.toAccuracy(answers, 'final'),
      estimates.toAccuracy(
        answers.map(({ subject, right }) => ({ subject, right: right.slice(1) })),
        'final',
      ),
      compare(place, answers),
    ]);
    if (isWhole && accuracy !== null && plain !== null && gain !== null) return { accuracy, plain, gain };
    throw new AppError('stopped', 'The device was replaced meanwhile. Measure the cell again.');
  }

  /** A cell that a person picked is outside of the declared family, whatever it shows. */
  function compare({ type }: TransferPlace, answers: readonly Answers[]): Promise<Comparison | null> {
    const nobody = new Uint8Array(answers.length).fill(PACKED.notAnswered);
    const pack = (place: number) =>
      Uint8Array.from(answers, ({ right }) => (right[place] ? PACKED.right : PACKED.wrong));
    const [key, none] = [TRANSFER_KEY[type], 'compressed'] as const;
    return statistics.compute(
      'comparePackedExploratory',
      {
        subjects: toSubjectNumbers(answers),
        regimes: [
          { key, heldOut: pack(0), seen: nobody },
          { key: none, heldOut: pack(1), seen: nobody },
        ],
        presetItems: answers.length,
      },
      { key, exposure: 'held-out' },
      { key: none, exposure: 'held-out' },
      { resamples: RESAMPLES.final },
    );
  }

  return { read, measure };
}

/** What a device answered to the items of a half, with the repair and without; items that lack one of the two are left out. */
function toAnswers({ units, items }: Half, book: ResultBook): Answers[] {
  return items.flatMap(({ id, fact }) => {
    const outcomes = units.flatMap(({ regime }) => book.outcomes.get(regime.id)?.get(id) ?? []);
    if (outcomes.length < units.length) return [];
    return [{ subject: fact.subject, right: outcomes.map(({ isRight }) => isRight) }];
  });
}

function toUnread(): AppError {
  return new AppError('input-invalid', 'The pack is not read yet. Wait a moment.');
}

function findRepair(manifest: PackManifest, { type, from }: TransferPlace, fold: 'A' | 'B'): PackRepair {
  const name = `${type}-${fold.toLowerCase()}`;
  const repair = manifest.repairs.find((each) => each.recipeId === from && each.name === name);
  if (repair === undefined)
    throw new AppError('input-invalid', `The pack has no repair ${from}/${name}.`, { repair: name });
  return repair;
}
