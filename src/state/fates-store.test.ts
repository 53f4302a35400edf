import { describe, expect, it } from 'vitest';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { FactOutcome } from '../core/eval/fates.ts';
import { parseTask } from '../core/eval/tasks.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import type { FindingsPhase } from './fates-state.ts';
import { toOutcomesFile } from './outcome-file.ts';
import { NOT_ASKED, type OutcomeSet, type RegimeOutcomes, toFactOutcomes } from './outcome-set.ts';
import { createStores } from './stores.ts';

const SHOWN = ['magnitude-mild', 'rtn-severe'] as const;

/** A page on the toy pack; `recorded` are outcomes of an earlier page, which its pack then ships. */
async function makePage(recorded: readonly { recipeId: string; set: OutcomeSet }[] = []) {
  const fake = fakeEngine();
  const platform = fakePlatform();
  const manifest = JSON.parse(new TextDecoder().decode(platform.files.get('manifest.json')));
  const add = (recipeId: string | null, set: OutcomeSet) => {
    const path = `recorded/outcomes/${recipeId ?? 'dense'}.json`;
    const bytes = new TextEncoder().encode(JSON.stringify(toOutcomesFile(set, recipeId, toName)));
    platform.files.set(path, bytes);
    manifest.files.push({ path, sizeBytes: bytes.length, sha256: '0'.repeat(64) });
    manifest.outcomes = [...(manifest.outcomes ?? []), { recipeId, path, device: 'CPU', date: '2026-11-22' }];
  };
  if (recorded[0] !== undefined) add(null, recorded[0].set);
  for (const { recipeId, set } of recorded) add(recipeId, set);
  platform.files.set('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)));
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const state = () => stores.fates.getState();
  return { fake, platform, stores, state };
}

const NAMES: Readonly<Record<string, string>> = {
  prompt: 'single',
  idp: 'pool-routed',
  'idp-apart': 'pool-apart',
  prefix: 'prefix',
  'lora-r1': 'lora-r1',
  'lora-merged': 'lora-r8',
};

function toName({ key, fold, isShuffled }: RegimeOutcomes): string {
  return `${NAMES[key]}${isShuffled ? '-shuffled' : ''}-${fold?.toLowerCase()}`;
}

type Page = Awaited<ReturnType<typeof makePage>>;

async function start({ stores }: Page): Promise<void> {
  stores.engine.getState().runLive('auto');
  await until(() => stores.recipe.getState().variant.status === 'ready');
}

async function askAll(page: Page): Promise<OutcomeSet> {
  page.state().start();
  await until(() => page.state().run.status === 'done');
  await until(() => toSet(page.state().live)?.regimes.every(({ right }) => !right.includes(NOT_ASKED)) ?? false);
  const set = toSet(page.state().live);
  if (set === null) throw new Error('nothing was asked');
  return set;
}

function toSet(phase: FindingsPhase): OutcomeSet | null {
  return phase.status === 'ready' && !phase.of.isComputing ? phase.of.set : null;
}

describe('asking every fact here', () => {
  it('asks all forms of every evaluated fact in every regime that decides a fate, and tells the fates', async () => {
    const page = await makePage();
    await start(page);
    const set = await askAll(page);
    // 36 facts of the folds and 4 control facts, 3 forms each; dense, the variant, 6 kinds of repair and 2 nulls, both twins.
    expect(set.plan.items).toHaveLength(120);
    expect(set.regimes).toHaveLength(2 + 2 * 6 + 2 * 2);
    const { live, source } = page.state();
    expect(source).toBe('live');
    expect(live).toMatchObject({ status: 'ready', of: { asked: { facts: 36, of: 36 } } });
    const findings = live.status === 'ready' ? live.of.findings : [];
    expect(findings.map(({ key }) => key)).toEqual(['prompt', 'idp', 'lora-merged', 'prefix', 'idp-apart', 'lora-r1']);
    expect(findings.every(({ shuffled, control }) => shuffled !== null && control !== null)).toBe(true);
  });

  it('asks nothing twice, after Pause nor after all is done', async () => {
    const page = await makePage();
    await start(page);
    const release = page.fake.hold('score');
    page.state().start();
    await until(() => page.fake.isHolding('score'));
    page.state().pause();
    expect(page.state().run.status).toBe('paused');
    release();
    await askAll(page);
    page.fake.log.length = 0;
    await askAll(page);
    expect(page.fake.log.filter((line) => line.startsWith('score'))).toEqual([]);
  });

  it('leaves a paused run behind with its recipe', async () => {
    const page = await makePage();
    await start(page);
    const release = page.fake.hold('score');
    page.state().start();
    await until(() => page.fake.isHolding('score'));
    page.state().pause();
    release();
    page.stores.recipe.getState().setPreset('rtn-severe');
    expect(page.state().run.status).toBe('idle');
  });

  it('computes nothing anew after a run that added no answers', async () => {
    const page = await makePage();
    await start(page);
    await askAll(page);
    const { compute } = page.platform.statistics;
    const names: string[] = [];
    page.platform.statistics.compute = (name, ...input) => {
      names.push(name);
      return compute(name, ...input);
    };
    page.stores.evaluate.getState().runLatency(10);
    await until(() => page.stores.evaluate.getState().latencyRun.status === 'done');
    await settle();
    expect(names).not.toContain('reportFates');
  });

  it('computes no further what a change of recipe has put out of sight', async () => {
    const page = await makePage();
    await start(page);
    const { compute } = page.platform.statistics;
    let reports = 0;
    page.platform.statistics.compute = (name, ...input) => {
      if (name === 'reportFates' && (reports > 0 || page.state().run.status === 'done')) {
        if (reports === 0) page.stores.recipe.getState().setPreset('rtn-severe');
        reports++;
      }
      return compute(name, ...input);
    };
    page.state().start();
    await until(() => reports > 0);
    await until(() => page.state().live.status === 'none');
    await settle();
    // Of the first type of repair and its null; five more types were to come.
    expect(reports).toBeLessThanOrEqual(2);
  });

  it('shows its answers among the accuracies too, and those of an accuracy run among the fates', async () => {
    const page = await makePage();
    await start(page);
    await askAll(page);
    const counts = () => page.stores.evaluate.getState().live?.rows.map(({ accuracy }) => accuracy.all?.n ?? null);
    await until(() => counts()?.[0] === 36 * 3);
    page.fake.log.length = 0;
    page.stores.evaluate.getState().runAccuracy(36 * 3);
    await until(() => page.stores.evaluate.getState().accuracyRun.status === 'done');
    expect(page.fake.log.filter((line) => line.startsWith('score'))).toEqual([]);

    const other = await makePage();
    await start(other);
    other.state().load();
    other.stores.evaluate.getState().runAccuracy(36 * 3);
    await until(() => other.stores.evaluate.getState().accuracyRun.status === 'done');
    await until(() => other.state().live.status === 'ready');
  });

  it('asks a recipe that is not shipped with the repairs of the nearest one, and says so', async () => {
    const page = await makePage();
    await start(page);
    const recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.55, granularity: 'per-output' }] } as const;
    page.stores.recipe.getState().setRecipe(recipe);
    await until(() => page.stores.recipe.getState().variant.status === 'ready');
    await askAll(page);
    const { live } = page.state();
    expect(live.status === 'ready' && live.of.findings.every(({ isTransferred }) => isTransferred)).toBe(true);
    page.stores.recipe.getState().setPreset('rtn-severe');
    expect(page.state()).toMatchObject({ live: { status: 'none' }, source: 'recorded' });
  });
});

describe('recorded outcomes', () => {
  async function record(recipeId: string): Promise<OutcomeSet> {
    const page = await makePage();
    await start(page);
    page.stores.recipe.getState().setPreset(recipeId);
    await until(() => page.stores.recipe.getState().applied !== null);
    return askAll(page);
  }

  it('give the same fates as the run that they were recorded from, for every recipe that comes into view', async () => {
    const sets = await Promise.all(SHOWN.map(async (recipeId) => ({ recipeId, set: await record(recipeId) })));
    const page = await makePage(sets);
    page.state().load();
    for (const { recipeId, set } of sets) {
      page.stores.recipe.getState().setPreset(recipeId);
      const isRead = () => {
        const read = toSet(page.state().recorded);
        return read !== null && isSameRecipe(read.recipe, page.stores.recipe.getState().recipe);
      };
      await until(isRead);
      const read = toSet(page.state().recorded);
      const fates = (of: OutcomeSet | null): readonly FactOutcome[] => (of === null ? [] : toFactOutcomes(of, 'idp'));
      expect(fates(read)).toEqual(fates(set));
    }
    page.stores.recipe.getState().setPreset('magnitude-severe');
    await until(() => page.state().recorded.status === 'none');
    await page.state().loadDose();
    expect(page.state().dose).toMatchObject({ points: [{ recipeId: 'magnitude-mild' }, { recipeId: 'rtn-severe' }] });
  });

  it('that are damaged are told of, and read again when that is asked for', async () => {
    const page = await makePage([{ recipeId: 'magnitude-mild', set: await record('magnitude-mild') }]);
    const path = 'recorded/outcomes/magnitude-mild.json';
    const whole = page.platform.files.get(path) ?? new Uint8Array();
    page.platform.files.set(path, whole.slice(0, 100));
    page.state().load();
    await until(() => page.state().recorded.status === 'failed');
    page.platform.files.set(path, whole);
    page.state().load();
    await until(() => page.state().recorded.status === 'ready');
  });
});

describe('looking at a fact', () => {
  async function look() {
    const page = await makePage();
    await start(page);
    const config = page.platform.files.get('tasks/toy.json') ?? new Uint8Array();
    const documents = page.platform.files.get('tasks/toy.jsonl') ?? new Uint8Array();
    const { facts } = parseTask(config, documents);
    page.fake.log.length = 0;
    const asked = () => page.fake.log.filter((line) => line.startsWith('generate'));
    return { page, facts, asked };
  }

  it('asks it in the four regimes that decide its fate; the last one looked at wins', async () => {
    const { page, facts, asked } = await look();
    page.state().look(facts[1] ?? null);
    page.state().look(facts[2] ?? null);
    await until(() => page.state().answers?.answers.size === 4);
    await until(() => [...(page.state().answers?.answers.values() ?? [])].every(({ status }) => status === 'done'));
    expect(page.state().answers).toMatchObject({ factId: facts[2]?.id, key: 'idp' });
    expect(asked()).toHaveLength(4);
    expect(asked().filter((line) => line.includes('pool-routed-b'))).toHaveLength(1);
    page.state().look(null);
    expect(page.state().answers).toBeNull();
  });

  it('asks nothing while a run has the engine', async () => {
    const { page, facts, asked } = await look();
    const release = page.fake.hold('score');
    page.state().start();
    await until(() => page.fake.isHolding('score'));
    page.state().look(facts[1] ?? null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(page.state().answers).toBeNull();
    page.state().stop();
    release();
    await until(() => page.state().run.status === 'stopped');
    expect(asked()).toEqual([]);
  });
});
