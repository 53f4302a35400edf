import * as z from 'zod/mini';
import { parseRecipe } from '../compress/parse-recipe.ts';
import { count, parseForm, path, refusePack, text } from './check.ts';
import { type PackManifest, SHAPES_ID, SWEEP_ID } from './manifest.ts';

const FILE = 'manifest.json';

/** Names that ids and folders are made of. */
const name = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9.-]*$/, { error: 'lower-case letters, digits, dots and dashes' }));
const positive = z.int().check(z.minimum(1));

const repairBase = {
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/, { error: '<recipe>/<name>' })),
  recipeId: name,
  name,
  fold: z.enum(['A', 'B']),
  shuffledAnswers: z.boolean(),
  path,
  parameters: positive,
  steps: count,
};

const repair = z.discriminatedUnion('kind', [
  z.object({ ...repairBase, kind: z.literal('prompt'), virtualTokens: positive }),
  z.object({ ...repairBase, kind: z.literal('prefix'), virtualTokens: positive }),
  z.object({ ...repairBase, kind: z.literal('lora'), r: positive, alpha: z.number() }),
  z.object({
    ...repairBase,
    kind: z.literal('pool'),
    virtualTokens: z.array(positive).check(z.minLength(1)),
    trained: z.enum(['apart', 'routed']),
    bestSingle: count,
  }),
]);

const manifest = z.object({
  formatVersion: z.literal(1),
  id: name,
  name: text,
  licence: text,
  description: z.string(),
  checkpoint: z.object({ path, dtype: z.enum(['F16', 'F32']), parameters: positive, layers: positive }),
  files: z.array(
    z.object({
      path,
      sizeBytes: count,
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, { error: '64 lower-case hexadecimal digits' })),
    }),
  ),
  folds: z.object({ A: count, B: count, calibration: count, control: count }),
  calibration: z.optional(path),
  recipes: z.array(
    z.object({
      id: name,
      label: text,
      severity: z.enum(['mild', 'severe']),
      recipe: z.unknown(),
      goldens: path,
      variant: z.optional(path),
    }),
  ),
  repairs: z.array(repair),
  goldens: z.object({
    file: path,
    contexts: z.array(z.object({ text: z.string(), ids: z.array(count).check(z.minLength(1)) })),
  }),
  tasks: z.array(z.object({ id: name, config: path })),
  transfer: z.optional(path),
  recorded: z.array(z.object({ id: name, path, device: text, date: text })),
  outcomes: z.optional(z.array(z.object({ recipeId: z.nullable(name), path, device: text, date: text }))),
});

type ParsedManifest = z.infer<typeof manifest>;

/**
 * A pack's `manifest.json`, checked: its form, that ids are unique, that every file that is named is listed and every
 * repair's recipe exists. Throws `pack-invalid`, or `recipe-invalid` for a recipe.
 */
export function parseManifest(json: unknown): PackManifest {
  const parsed = parseForm(manifest, json, FILE);
  for (const list of ['recipes', 'repairs', 'tasks', 'recorded'] as const) {
    expectUnique(
      list,
      'id',
      parsed[list].map(({ id }) => id),
    );
  }
  expectUnique(
    'outcomes',
    'recipeId',
    (parsed.outcomes ?? []).map(({ recipeId }) => recipeId ?? ''),
  );
  expectUnique(
    'files',
    'path',
    parsed.files.map((file) => file.path),
  );
  checkReferences(parsed);
  return { ...parsed, recipes: parsed.recipes.map((entry) => ({ ...entry, recipe: parseRecipe(entry.recipe) })) };
}

function checkReferences({
  files,
  recipes,
  repairs,
  goldens,
  tasks,
  recorded,
  outcomes = [],
  checkpoint,
  calibration,
  transfer,
}: ParsedManifest): void {
  const listed = new Set(files.map((file) => file.path));
  const expectListed = (field: string, filePath: string) => {
    if (!listed.has(filePath)) refusePack(FILE, field, `"${filePath}"`, 'a file that is listed under files');
  };
  expectListed('checkpoint.path', `${checkpoint.path}/config.json`);
  expectListed('checkpoint.path', `${checkpoint.path}/model.safetensors`);
  expectListed('goldens.file', goldens.file);
  if (calibration !== undefined) expectListed('calibration', calibration);
  for (const { id, goldens: file, variant } of recipes) {
    expectListed(`recipes.${id}.goldens`, file);
    if (variant !== undefined) expectListed(`recipes.${id}.variant`, variant);
  }
  for (const { id, config } of tasks) {
    expectListed(`tasks.${id}.config`, config);
    expectListed(`tasks.${id}.config`, toDocumentsPath(config));
  }
  if (transfer !== undefined) expectListed('transfer', transfer);
  for (const { id, path: file } of recorded) expectListed(`recorded.${id}.path`, file);
  const recipeIds = new Set(recipes.map(({ id }) => id));
  for (const id of [SWEEP_ID, SHAPES_ID]) {
    if (recipeIds.has(id)) refusePack(FILE, 'recipes.id', `"${id}"`, 'another id: this one names recorded results');
  }
  for (const { recipeId, path: file } of outcomes) {
    expectListed(`outcomes.${recipeId}.path`, file);
    if (recipeId !== null && !recipeIds.has(recipeId))
      refusePack(FILE, 'outcomes.recipeId', `"${recipeId}"`, 'a recipe of the pack');
  }
  for (const entry of repairs) {
    const field = `repairs.${entry.id}`;
    if (!recipeIds.has(entry.recipeId))
      refusePack(FILE, `${field}.recipeId`, `"${entry.recipeId}"`, 'a recipe of the pack');
    if (entry.id !== `${entry.recipeId}/${entry.name}`) refusePack(FILE, field, `"${entry.name}"`, '<recipe>/<name>');
    for (const file of toRepairPaths(entry)) expectListed(`${field}.path`, file);
    if (entry.kind === 'pool' && entry.bestSingle >= entry.virtualTokens.length) {
      refusePack(FILE, `${field}.bestSingle`, String(entry.bestSingle), `below ${entry.virtualTokens.length} prompts`);
    }
  }
}

/** The file of a task's documents beside its configuration. */
export function toDocumentsPath(config: string): string {
  return config.replace(/\.json$/, '.jsonl');
}

/** Files that a repair needs at least; a pool's prompts are named by its `pool.json`. */
function toRepairPaths(entry: ParsedManifest['repairs'][number]): readonly string[] {
  if (entry.kind === 'pool') return [`${entry.path}/pool.json`];
  return [`${entry.path}/adapter_config.json`, `${entry.path}/adapter_model.safetensors`];
}

function expectUnique(list: string, field: string, values: readonly string[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) refusePack(FILE, `${list}.${field}`, `"${value}" twice`, 'given once');
    seen.add(value);
  }
}
