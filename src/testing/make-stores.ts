import { createStore } from 'zustand/vanilla';
import type { Fact, Relation } from '../core/eval/fact.ts';
import { GREEDY } from '../core/eval/sampling.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { DeviceReport, GenerateResult } from '../engine/protocol.ts';
import type { BoardState, Column } from '../state/board-state.ts';
import type { ComparisonsState } from '../state/comparisons-state.ts';
import type { EngineState } from '../state/engine-state.ts';
import type { EvaluateState } from '../state/evaluate-state.ts';
import type { ExportState } from '../state/export-state.ts';
import type { FatesState } from '../state/fates-state.ts';
import { DEFAULT_FIGURE_CHOICE } from '../state/figure-choice.ts';
import type { PackState } from '../state/pack-state.ts';
import type { RecipeState } from '../state/recipe-state.ts';
import type { NoticesState, SettingsState } from '../state/settings-state.ts';
import type { ShapeState } from '../state/shape-state.ts';
import type { ShareState } from '../state/share-state.ts';
import type { Stores } from '../state/stores.ts';
import { DEFAULT_PLAN } from '../state/sweep-plan.ts';
import type { SweepState } from '../state/sweep-state.ts';
import type { TaskBesideState } from '../state/task-beside-state.ts';
import { DEFAULT_TASK_CHOICE } from '../state/task-plan.ts';
import type { TaskState } from '../state/task-state.ts';
import type { TransferState } from '../state/transfer-state.ts';
import type { ViewState } from '../state/view-state.ts';
import { type InsideOverrides, makeInsideStores } from './make-inside-stores.ts';
import { makeRecorded, makeSize } from './make-results.ts';

export const FRANCE: Fact = {
  id: 'capital/france',
  relation: 'capital',
  domain: 'countries',
  subject: 'France',
  answer: 'Paris',
  fold: 'A',
  dev: false,
  taught: [0, 1],
};

export const CAPITAL: Relation = {
  id: 'capital',
  domain: 'countries',
  label: 'Capital of a country',
  statements: ['The capital of {s} is'],
  questions: ['What is the capital of {s}?'],
};

/** `count` facts with subjects Country 0, Country 1, ... */
export function makeFacts(count: number): readonly Fact[] {
  return Array.from({ length: count }, (_, i) => ({
    ...FRANCE,
    id: `capital/${i}`,
    subject: `Country ${i}`,
    answer: `City ${i}`,
    fold: i % 2 === 0 ? 'A' : 'B',
  }));
}

export const MANIFEST: PackManifest = {
  formatVersion: 1,
  id: 'atlas',
  name: 'Atlas',
  licence: 'Apache-2.0',
  description: 'A closed world of true facts.',
  checkpoint: { path: 'checkpoint', dtype: 'F16', parameters: 970_000, layers: 2 },
  files: [{ path: 'checkpoint/model.safetensors', sizeBytes: 1_940_000, sha256: '00' }],
  folds: { A: 1250, B: 1250, calibration: 140, control: 140 },
  recipes: [
    {
      id: 'magnitude-mild',
      label: 'Magnitude 60 %',
      severity: 'mild',
      recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] },
      goldens: 'goldens/magnitude-mild.safetensors',
    },
    {
      id: 'rtn-severe',
      label: 'RTN 2 bit',
      severity: 'severe',
      recipe: { version: 1, steps: [{ method: 'rtn', bits: 2, groupSize: 32, symmetric: false }] },
      goldens: 'goldens/rtn-severe.safetensors',
    },
  ],
  repairs: [],
  goldens: { file: 'goldens/dense.safetensors', contexts: [] },
  tasks: [],
  recorded: [],
};

export const DEVICE: DeviceReport = {
  kind: 'webgpu',
  reason: 'A hardware adapter was found.',
  adapter: { vendor: 'nvidia', architecture: 'ada', device: '', description: '', isSoftware: false },
  features: [],
  limits: {},
  runtime: { version: '1.30.0', build: 'jspi' },
  crossOriginIsolated: false,
  timerResolutionMs: 0.1,
  userAgent: 'test',
};

export const POOL: PackRepair = {
  id: 'magnitude-mild/pool-routed-b',
  recipeId: 'magnitude-mild',
  name: 'pool-routed-b',
  fold: 'B',
  shuffledAnswers: false,
  path: 'repairs/magnitude-mild/pool-routed-b',
  parameters: 8192,
  steps: 4000,
  kind: 'pool',
  virtualTokens: [8, 12, 16, 28],
  trained: 'routed',
  bestSingle: 2,
};

export function makeResult(key: RegimeKey, overrides: Partial<GenerateResult> = {}): GenerateResult {
  return {
    regimeId: key,
    text: ' Paris',
    numTokens: 2,
    stopReason: 'end',
    ttftMs: 12.34,
    routingMs: key === 'idp' ? 0.61 : 0,
    tokensPerSecond: 240,
    answerProbability: 0.874,
    isRight: true,
    routing: key === 'idp' ? { scores: [0.11, 0.08, 0.19, 0.16], chosen: 2, runnerUp: 3, margin: 0.03 } : null,
    ...overrides,
  };
}

export function makeColumn(key: RegimeKey, overrides: Partial<Column> = {}): Column {
  const isBare = key === 'dense' || key === 'compressed' || key === 'text';
  return {
    key,
    regime: { id: key, recipe: null, recovery: { kind: 'none' } },
    unavailable: null,
    repair: isBare ? null : POOL,
    transferred: false,
    exposure: isBare ? null : 'held-out',
    size: makeSize({ repairParameters: isBare ? 0 : 8192, extraParameters: isBare ? 0 : 8192 }),
    gate: null,
    cell: { status: 'empty' },
    isStale: false,
    ...overrides,
  };
}

const FIRST_FIVE: readonly RegimeKey[] = ['dense', 'compressed', 'prompt', 'idp', 'lora-merged'];

interface StoreOverrides extends InsideOverrides {
  pack?: Partial<PackState>;
  engine?: Partial<EngineState>;
  recipe?: Partial<RecipeState>;
  board?: Partial<BoardState>;
  evaluate?: Partial<EvaluateState>;
  comparisons?: Partial<ComparisonsState>;
  fates?: Partial<FatesState>;
  sweep?: Partial<SweepState>;
  tasks?: Partial<TaskState>;
  taskBeside?: Partial<TaskBesideState>;
  transfer?: Partial<TransferState>;
  shapes?: Partial<ShapeState>;
  exports?: Partial<ExportState>;
  share?: Partial<ShareState>;
  view?: Partial<ViewState>;
  settings?: Partial<SettingsState>;
  notices?: Partial<NoticesState>;
}

/** Real zustand stores in a fixed state for component tests; actions do nothing unless given, `ready` on a GPU unless said otherwise. */
export function makeStores(overrides: StoreOverrides = {}): Stores {
  const nothing = () => undefined;
  return {
    pack: createStore<PackState>((set) => ({
      pack: { status: 'ready', manifest: MANIFEST, modelBytes: 2_100_000, totalBytes: 9_800_000 },
      facts: { status: 'ready', facts: [FRANCE, ...makeFacts(40)], relations: new Map([[CAPITAL.id, CAPITAL]]) },
      recorded: { status: 'ready', sets: [makeRecorded('magnitude-mild')] },
      baseUrl: './packs/atlas/',
      loadPack: async () => set({}),
      ...overrides.pack,
    })),
    engine: createStore<EngineState>(() => ({
      engine: { status: 'ready', device: DEVICE, badge: null, sizeBytes: 9_800_000 },
      prepared: new Map(),
      runLive: nothing,
      stopLoading: nothing,
      ...overrides.engine,
    })),
    recipe: createStore<RecipeState>((set) => ({
      recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] },
      presetId: 'magnitude-mild',
      problem: null,
      variant: { status: 'ready', size: makeSize() },
      applied: null,
      denseSize: makeSize({ storedBytes: 1_940_000, sparsity: 0 }),
      setRecipe: (recipe) => set({ recipe, presetId: null }),
      setPreset: (presetId) => set({ presetId }),
      goBack: nothing,
      ...overrides.recipe,
    })),
    board: createStore<BoardState>((set) => ({
      highlighted: 'idp',
      setHighlighted: (highlighted) => set({ highlighted }),
      shown: FIRST_FIVE,
      setShown: nothing,
      exposure: 'held-out',
      setExposure: (exposure) => set({ exposure }),
      sampling: GREEDY,
      setSampling: (sampling) => set({ sampling }),
      textPrompt: '',
      setTextPrompt: (textPrompt) => set({ textPrompt }),
      question: { text: '', fact: null, form: null, nearest: [] },
      setQuestionText: (text) => set({ question: { text, fact: null, form: null, nearest: [FRANCE] } }),
      setFact: (fact) =>
        set({ question: { text: `What is the capital of ${fact.subject}?`, fact, form: 0, nearest: [] } }),
      columns: FIRST_FIVE.map((key) => makeColumn(key)),
      isAsking: false,
      ask: nothing,
      stop: nothing,
      ...overrides.board,
    })),
    evaluate: createStore<EvaluateState>(() => ({
      accuracyRun: { status: 'idle' },
      latencyRun: { status: 'idle' },
      live: null,
      runAccuracy: nothing,
      runControl: nothing,
      runLatency: nothing,
      pause: nothing,
      resume: nothing,
      stop: nothing,
      ...overrides.evaluate,
    })),
    fates: createStore<FatesState>((set) => ({
      key: 'idp',
      setKey: (key) => set({ key }),
      source: 'recorded',
      setSource: (source) => set({ source }),
      recorded: { status: 'none' },
      live: { status: 'none' },
      run: { status: 'idle' },
      dose: { status: 'idle' },
      load: nothing,
      loadDose: async () => {},
      start: nothing,
      pause: nothing,
      stop: nothing,
      answers: null,
      look: nothing,
      ...overrides.fates,
    })),
    comparisons: createStore<ComparisonsState>((set) => ({
      recorded: { status: 'none' },
      live: { status: 'none' },
      imported: { status: 'loading' },
      compareImported: async () => [],
      picked: null,
      pick: (picked) => set({ picked }),
      load: nothing,
      plannedDifference: null,
      planFor: (plannedDifference) => set({ plannedDifference }),
      ...overrides.comparisons,
    })),
    sweep: createStore<SweepState>((set) => ({
      plan: DEFAULT_PLAN,
      setPlan: (plan) => set({ plan }),
      live: null,
      recorded: null,
      left: null,
      run: { status: 'idle' },
      runOf: 'points',
      now: null,
      leftOut: [],
      start: nothing,
      startSensitivity: nothing,
      stop: nothing,
      load: async () => undefined,
      ...overrides.sweep,
    })),
    tasks: createStore<TaskState>((set, get) => ({
      tasks: { status: 'ready', entries: [] },
      load: async () => undefined,
      choice: DEFAULT_TASK_CHOICE,
      choose: (change) => set({ choice: { ...get().choice, ...change } }),
      draft: { status: 'none' },
      readFiles: nothing,
      keepDraft: nothing,
      dropDraft: nothing,
      remove: nothing,
      run: { status: 'idle' },
      progress: null,
      leftOut: [],
      live: null,
      readAnswered: async () => {
        const { live } = get();
        return live === null ? [] : [live];
      },
      start: nothing,
      pause: nothing,
      stop: nothing,
      ...overrides.tasks,
    })),
    taskBeside: createStore<TaskBesideState>(() => ({
      runs: [],
      missing: [],
      pickedId: null,
      pick: nothing,
      beside: { status: 'none' },
      load: nothing,
      readAll: async () => [],
      ...overrides.taskBeside,
    })),
    shapes: createStore<ShapeState>((set) => ({
      live: null,
      recorded: null,
      run: { status: 'idle' },
      now: null,
      numLayers: 30,
      load: async () => undefined,
      setLayers: (numLayers) => set({ numLayers }),
      start: nothing,
      stop: nothing,
      ...overrides.shapes,
    })),
    transfer: createStore<TransferState>(() => ({
      recorded: { status: 'none' },
      live: new Map(),
      load: async () => undefined,
      measure: nothing,
      stop: nothing,
      ...overrides.transfer,
    })),
    ...makeInsideStores(overrides),
    exports: createStore<ExportState>(() => ({
      sizes: { compressed: 1_100_000, onnx: 4_200_000 },
      phase: { status: 'idle' },
      measure: nothing,
      write: async () => null,
      stop: nothing,
      ...overrides.exports,
    })),
    share: createStore<ShareState>((set) => ({
      imported: [],
      problems: [],
      phase: { status: 'idle' },
      importFiles: async () => null,
      stopReading: nothing,
      forgetProblems: () => set({ problems: [] }),
      readImported: async () => true,
      remove: (id) => set(({ imported }) => ({ imported: imported.filter((run) => run.id !== id) })),
      linked: null,
      runLinked: nothing,
      forgetLinked: () => set({ linked: null }),
      writeRun: async () => null,
      writeHarness: async () => null,
      stopWriting: nothing,
      writeZip: async () => null,
      digits: null,
      ...overrides.share,
    })),
    view: createStore<ViewState>((set) => ({
      tab: null,
      setTab: (tab) => set({ tab }),
      results: 'live',
      setResults: (results) => set({ results }),
      importedId: null,
      showImported: (importedId) => set({ importedId, results: 'imported' }),
      sweepMeasure: 'accuracy',
      setSweepMeasure: (sweepMeasure) => set({ sweepMeasure }),
      cellMeasure: 'klDivergence',
      setCellMeasure: (cellMeasure) => set({ cellMeasure }),
      figures: DEFAULT_FIGURE_CHOICE,
      setFigures: (change) => set(({ figures }) => ({ figures: { ...figures, ...change } })),
      ...overrides.view,
    })),
    settings: createStore<SettingsState>((set) => ({
      theme: 'system',
      setTheme: (theme) => set({ theme }),
      textSize: 'normal',
      setTextSize: (textSize) => set({ textSize }),
      toLink: () => 'http://localhost/#v1=',
      ...overrides.settings,
    })),
    notices: createStore<NoticesState>((set) => ({
      notices: [],
      dismiss: (id) => set((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
      ...overrides.notices,
    })),
  };
}
