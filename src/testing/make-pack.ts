import type { Fact, Relation } from '../core/eval/fact.ts';
import type { Fold, PackFile, PackManifest, PackRecipe, PackRepair } from '../core/pack/manifest.ts';

/** Two mild and two severe recipes as a pack ships them. */
const RECIPES: readonly PackRecipe[] = [
  {
    id: 'magnitude-mild',
    label: 'Magnitude 60 %',
    severity: 'mild',
    recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] },
    goldens: 'goldens/magnitude-mild.safetensors',
  },
  {
    id: 'magnitude-severe',
    label: 'Magnitude 70 %',
    severity: 'severe',
    recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.7, granularity: 'per-output' }] },
    goldens: 'goldens/magnitude-severe.safetensors',
  },
  {
    id: 'rtn-severe',
    label: 'RTN 2 bit',
    severity: 'severe',
    recipe: { version: 1, steps: [{ method: 'rtn', bits: 2, groupSize: 32, symmetric: false }] },
    goldens: 'goldens/rtn-severe.safetensors',
  },
];

function makeRepairs(recipe: PackRecipe): PackRepair[] {
  return (['A', 'B'] as const).flatMap((fold) => {
    const base = (name: string) => ({
      id: `${recipe.id}/${name}-${fold.toLowerCase()}`,
      recipeId: recipe.id,
      name: `${name}-${fold.toLowerCase()}`,
      fold,
      shuffledAnswers: name.includes('shuffled'),
      path: `repairs/${recipe.id}/${name}-${fold.toLowerCase()}`,
      parameters: 2048,
      steps: 1500,
    });
    const pool = { kind: 'pool', virtualTokens: [4, 8, 12, 16], bestSingle: 1 } as const;
    const everywhere: PackRepair[] = [
      { ...base('single'), kind: 'prompt', virtualTokens: 16 },
      { ...base('pool-routed'), ...pool, trained: 'routed' },
      { ...base('lora-r8'), kind: 'lora', r: 8, alpha: 16 },
    ];
    const mildOnly: PackRepair[] = [
      { ...base('single-shuffled'), kind: 'prompt', virtualTokens: 16 },
      { ...base('pool-apart'), ...pool, trained: 'apart' },
      { ...base('prefix'), kind: 'prefix', virtualTokens: 8 },
      { ...base('lora-r1'), kind: 'lora', r: 1, alpha: 2 },
      { ...base('lora-r8-shuffled'), kind: 'lora', r: 8, alpha: 16 },
    ];
    return recipe.severity === 'mild' ? [...mildOnly, ...everywhere] : everywhere;
  });
}

/** Files that a manifest with these parts must list. */
function makeFiles(repairs: readonly PackRepair[]): PackFile[] {
  const paths = [
    ...['config.json', 'model.safetensors', 'tokenizer.json'].map((name) => `checkpoint/${name}`),
    'goldens/dense.safetensors',
    ...RECIPES.map(({ goldens }) => goldens),
    'tasks/toy.json',
    'tasks/toy.jsonl',
    'tasks/toy-choice.json',
    'tasks/toy-text.json',
    'tasks/toy-choice.jsonl',
    ...repairs.flatMap(({ kind, path }) =>
      kind === 'pool' ? [`${path}/pool.json`] : [`${path}/adapter_config.json`, `${path}/adapter_model.safetensors`],
    ),
  ];
  return paths.map((path, i) => ({ path, sizeBytes: 100, sha256: i.toString(16).padStart(64, '0') }));
}

/** A pack's manifest with every kind of repair. */
export function makeManifest(): PackManifest {
  const repairs = RECIPES.flatMap(makeRepairs);
  return {
    formatVersion: 1,
    id: 'toy',
    name: 'Toy',
    licence: 'Apache-2.0',
    description: 'A pack for tests.',
    checkpoint: { path: 'checkpoint', dtype: 'F16', parameters: 1000, layers: 2 },
    files: makeFiles(repairs),
    folds: { A: 20, B: 20, calibration: 4, control: 4 },
    recipes: RECIPES,
    repairs,
    goldens: { file: 'goldens/dense.safetensors', contexts: [] },
    tasks: [{ id: 'toy', config: 'tasks/toy.json' }],
    recorded: [],
  };
}

/** Two relations of invented places, 24 subjects each: 20 in the folds A and B (the first of each a development fact), then 2 and 2. */
export function makeWorld(): { facts: Fact[]; relations: ReadonlyMap<string, Relation> } {
  const relations: Relation[] = [
    makeRelation('capital', 'Capital of a country', 'capital of'),
    makeRelation('river', 'River of a country', 'longest river of'),
  ];
  const facts = relations.flatMap((relation) =>
    Array.from({ length: 24 }, (_, i): Fact => {
      const fold: Fold = i < 10 ? 'A' : i < 20 ? 'B' : i < 22 ? 'calibration' : 'control';
      const dev = i === 0 || i === 10;
      const subject = toName(i);
      const answer = `${relation.id === 'capital' ? 'Port' : 'Rio'} ${subject}`;
      const id = `${relation.id}/${i}`;
      return { id, relation: relation.id, domain: 'places', subject, answer, fold, dev, taught: [0, 1] };
    }),
  );
  return { facts, relations: new Map(relations.map((relation) => [relation.id, relation])) };
}

function makeRelation(id: string, label: string, words: string): Relation {
  return {
    id,
    domain: 'places',
    label,
    statements: [`The ${words} {s} is`],
    questions: [`What is the ${words} {s}?`, `Which is the ${words} {s}?`, `{s}: what is its ${id}?`],
  };
}

const SYLLABLES = ['bar', 'dun', 'fel', 'gor', 'kim', 'lov', 'mar', 'nes', 'pol', 'rik', 'sab', 'tuv'];

/** A made-up name; no two of 24 share more than a syllable. */
function toName(index: number): string {
  const first = SYLLABLES[index % 12] ?? '';
  const second = SYLLABLES[(index * 5 + (index < 12 ? 3 : 8)) % 12] ?? '';
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}${second}ia`;
}

/** What is asked of the toy documents: one of two answers, or their text as a whole. */
const TOY_CHOICE = {
  task: 'toy-choice',
  tag: 'knowledge',
  dataset_kwargs: { data_files: 'toy-choice.jsonl' },
  output_type: 'multiple_choice',
  doc_to_text: 'context',
  doc_to_choice: 'choices',
  doc_to_target: 'label',
};
const TOY_TEXT = {
  task: 'toy-text',
  tag: 'language',
  dataset_kwargs: { data_files: 'toy-choice.jsonl' },
  output_type: 'loglikelihood_rolling',
  doc_to_target: 'context',
};

/** 66 documents of two relations: 30 of fold A, 30 of fold B and 6 of control subjects, three of each subject. */
function makeDocuments(): readonly string[] {
  return Array.from({ length: 66 }, (_, i) => {
    const fold = i < 30 ? 'A' : i < 60 ? 'B' : 'control';
    const subject = toName(Math.floor(i / 3));
    const context = `Question: ${'Really, '.repeat(i % 5)}what is the place of ${subject}?\nAnswer:`;
    const relation = i % 2 === 0 ? 'capital' : 'river';
    return JSON.stringify({
      id: `${relation}/${i}`,
      subjects: [subject],
      relation,
      fold,
      context,
      choices: ['Port', 'Rio'],
      label: 0,
    });
  });
}

/** The small files of that pack as a host serves them: manifest, task and facts, by path. */
export function makePackFiles(): Map<string, Uint8Array> {
  const { facts, relations } = makeWorld();
  const toBytes = (text: string) => new TextEncoder().encode(text);
  const generation = { generation_kwargs: { until: ['</s>'], do_sample: false } };
  const config = { task: 'toy', ...generation, metadata: { version: 1 }, relations: [...relations.values()] };
  return new Map([
    ['manifest.json', toBytes(JSON.stringify(makeManifest()))],
    ['tasks/toy.json', toBytes(JSON.stringify(config))],
    ['tasks/toy.jsonl', toBytes(facts.map((fact) => JSON.stringify(fact)).join('\n'))],
    ['tasks/toy-choice.json', toBytes(JSON.stringify(TOY_CHOICE))],
    ['tasks/toy-text.json', toBytes(JSON.stringify(TOY_TEXT))],
    ['tasks/toy-choice.jsonl', toBytes(makeDocuments().join('\n'))],
  ]);
}
