import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import { type Capture, PATCH_TARGETS } from '../../core/inside/capture.ts';
import { toHistograms } from '../../core/inside/matrix-figures.ts';
import { type InsideQuestion, type KeptLook, POOL_KEYS } from '../../state/inside-state.ts';
import { toLiveSource } from '../../state/live-source.ts';
import type { ResultSource } from '../../state/results.ts';
import type { Stores } from '../../state/stores.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { toLayerExport, toMassExport } from './attention-export.ts';
import { toPromptMass } from './attention-maps.ts';
import { toDistanceExport } from './distance-plots.ts';
import { toLensExport, toLensOf } from './lens-plots.ts';
import { type VisitOrigin, withOrigin } from './origin-columns.ts';
import { toPatchExport } from './patch-map.ts';
import { toShownWindow, toWindow } from './pattern-window.ts';
import { toDomainExport, toRelationExport, toRuleExport } from './pool-tables.ts';
import { toPoolScores } from './pool-words.ts';
import { toQuestionExport } from './question-table.ts';
import { findStage, toHistogramExport, toPatternExport, toSingularExport, toStages } from './weight-tables.ts';

/** The stores that a look inside is told by. */
export type InsideSources = Pick<
  Stores,
  | 'pack'
  | 'engine'
  | 'recipe'
  | 'board'
  | 'inside'
  | 'insideDistance'
  | 'insideRouting'
  | 'insideMatrix'
  | 'insidePatch'
>;

/**
 * All that was looked at inside in this visit, of the question and recipe of now and whatever view is open, each row with where it comes from.
 * What is there is read at once; a table is made when its turn comes.
 */
export function toInsideTables(stores: InsideSources): Iterable<FigureExport> {
  return toTables(readSight(stores));
}

type Sight = ReturnType<typeof readSight>;

/** One moment of the stores. */
function readSight(stores: InsideSources) {
  const { pack } = stores.pack.getState();
  const { recipe, presetId } = stores.recipe.getState();
  const { choice, question, transferred, seen, kept } = stores.inside.getState();
  const manifest = pack.status === 'ready' ? pack.manifest : null;
  const preset = manifest?.recipes.find(({ id }) => id === presetId);
  const origin: VisitOrigin = { recipeLabel: preset?.label ?? toRecipeLabel(recipe), transferred, seen };
  return {
    pack: manifest?.id ?? 'pack',
    origin,
    source: toLiveSource(stores.engine.getState().engine, new Date().toISOString()),
    choice,
    question,
    captures: kept(),
    asked: stores.insideRouting.getState().asked,
    columns: stores.board.getState().columns,
    distances: stores.insideDistance.getState().results,
    study: stores.insideRouting.getState().study,
    matrices: stores.insideMatrix.getState().kept(),
    patches: stores.insidePatch.getState().kept(),
  };
}

function* toTables(sight: Sight): Generator<FigureExport, void> {
  const { source, question } = sight;
  if (source !== null && question !== null) {
    for (const table of toQuestionTables(sight, source, question)) if (table.rows.length > 0) yield table;
  }
  yield* toStudyTables(sight);
  if (source !== null) yield* toMatrixTables(sight, source);
}

/** Of the question in view: attention, the answer by layer, routing, patching. */
function* toQuestionTables(
  sight: Sight,
  source: ResultSource,
  question: InsideQuestion,
): Generator<FigureExport, void> {
  const { pack, origin, choice, captures, asked, columns, patches } = sight;
  const own = { source, question };
  const attended = toAttended(captures);
  const regimes = attended.map(({ key }) => key);
  const numLayers = Math.max(0, ...attended.map(({ capture }) => capture.attention?.length ?? 0));
  for (let layer = 0; layer < numLayers; layer++) {
    yield withOrigin(toLayerExport(pack, layer, attended, choice), origin, { ...own, regimes });
  }
  const masses = attended.flatMap(({ key, capture }) => {
    const mass = toPromptMass(capture);
    return mass === null ? [] : [{ key, mass }];
  });
  yield withOrigin(toMassExport(pack, null, masses), origin, { ...own, regimes });
  const lenses = captures.flatMap(({ key, of }) => toLensOf(key, of));
  yield withOrigin(toLensExport(pack, null, lenses), origin, { ...own, regimes: lenses.map(({ key }) => key) });
  for (const pool of POOL_KEYS) {
    const looked = asked.get(pool);
    const outcome = looked?.status === 'ready' ? looked.of : null;
    const captured = captures.find(({ key, of }) => key === pool && of.routing !== null)?.of ?? null;
    const scored = toPoolScores(pool, { outcome, captured, columns });
    const table = toQuestionExport(pack, pool, scored, outcome, null);
    yield withOrigin(table, origin, { ...own, regimes: [pool], about: [['regime', pool]] });
  }
  for (const target of PATCH_TARGETS) {
    const found = patches.filter(({ of }) => of.of === target);
    const [first, ...others] = found.map(({ donor, receiver, of }) =>
      toPatchExport(pack, null, of, { donor, receiver }),
    );
    if (first === undefined) continue;
    const table = { ...first, rows: [first, ...others].flatMap(({ rows }) => rows) };
    yield withOrigin(table, origin, { ...own, regimes: found.flatMap(({ donor, receiver }) => [donor, receiver]) });
  }
}

/** A capture for each regime whose attention was looked at. */
function toAttended(captures: readonly KeptLook<Capture>[]) {
  return captures.flatMap(({ key, of }) => (of.attention === null ? [] : [{ key, capture: of }]));
}

/** Of many questions: distances, and the study of a pool. */
function* toStudyTables({ pack, origin, distances, study }: Sight): Generator<FigureExport, void> {
  if (distances !== null) {
    const { source, regimes } = distances;
    const of = { source, question: null, regimes: regimes.map(({ key }) => key) };
    yield withOrigin(toDistanceExport(pack, distances), origin, of);
  }
  if (study === null) return;
  const { source, pool } = study;
  for (const table of [toRuleExport(pack, study), toDomainExport(pack, study), toRelationExport(pack, study)]) {
    yield withOrigin(table, origin, { source, question: null, regimes: [pool], about: [['regime', pool]] });
  }
}

/** Of every matrix that was read: weights by value, what a LoRA adds, where zeros are, and single weights where they are in sight. */
function* toMatrixTables(
  { pack, origin, choice, matrices }: Sight,
  source: ResultSource,
): Generator<FigureExport, void> {
  for (const { key, of } of matrices) {
    const file = { pack, module: of.module, regime: key, date: null };
    const stages = toStages(of, key);
    const whole = toWindow(of.before.shape, 0, { row: 0, column: 0 });
    const shape = findStage(stages, choice.matrixStage)?.matrix.shape ?? of.after.shape;
    const { window, zoom, last } = toShownWindow(shape, choice.patternView);
    const tables = [
      toHistogramExport(file, toHistograms(of), stages),
      toSingularExport(file, of),
      toPatternExport(file, stages, whole, false),
      zoom === last ? toPatternExport(file, stages, window, true) : null,
    ];
    for (const table of tables) {
      if (table === null) continue;
      const about = [['regime', key] as const, ['matrix', of.module] as const];
      yield withOrigin(table, origin, { source, question: null, regimes: [key], about });
    }
  }
}
