import { createStore } from 'zustand/vanilla';
import { DEFAULT_INSIDE_CHOICE } from '../state/inside-choice.ts';
import type { DistanceState, InsideState, MatrixState, PatchState, RoutingState } from '../state/inside-state.ts';

export interface InsideOverrides {
  inside?: Partial<InsideState>;
  insideDistance?: Partial<DistanceState>;
  insideRouting?: Partial<RoutingState>;
  insideMatrix?: Partial<MatrixState>;
  insidePatch?: Partial<PatchState>;
}

/** The stores of what goes on inside in a fixed state: a question is there, and nothing has been looked into yet. */
export function makeInsideStores(overrides: InsideOverrides) {
  const nothing = () => undefined;
  const watch = () => nothing;
  return {
    inside: createStore<InsideState>((set) => ({
      choice: DEFAULT_INSIDE_CHOICE,
      wanted: DEFAULT_INSIDE_CHOICE,
      choose: (change) =>
        set(({ choice, wanted }) => ({ choice: { ...choice, ...change }, wanted: { ...wanted, ...change } })),
      question: {
        text: 'What is the capital of France?',
        context: 'Question: What is the capital of France?\nAnswer:',
        answer: 'Paris',
      },
      captures: new Map(),
      waitsFor: null,
      offered: ['dense', 'compressed', 'prompt', 'idp', 'lora-merged'],
      transferred: [],
      seen: [],
      watch,
      kept: () => [],
      ...overrides.inside,
    })),
    insideDistance: createStore<DistanceState>(() => ({
      run: { status: 'idle' },
      results: null,
      start: nothing,
      stop: nothing,
      ...overrides.insideDistance,
    })),
    insideRouting: createStore<RoutingState>(() => ({
      asked: new Map(),
      ask: nothing,
      stopAsking: nothing,
      run: { status: 'idle' },
      study: null,
      startStudy: nothing,
      stop: nothing,
      ...overrides.insideRouting,
    })),
    insideMatrix: createStore<MatrixState>(() => ({
      matrix: { status: 'none' },
      watch,
      kept: () => [],
      ...overrides.insideMatrix,
    })),
    insidePatch: createStore<PatchState>(() => ({
      patch: { status: 'none' },
      wasStopped: false,
      start: nothing,
      stop: nothing,
      kept: () => [],
      ...overrides.insidePatch,
    })),
  };
}
