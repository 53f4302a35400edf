import { createStore, type StoreApi } from 'zustand/vanilla';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { DeviceKind, GenerateResult } from '../engine/protocol.ts';
import { askColumn, type ColumnQuestion } from './ask-column.ts';
import type { BoardState, Cell, Column, Question } from './board-state.ts';
import { type ColumnContext, toAnswerKey, toAskedContext, toColumn, toColumnPlan, toKeptColumn } from './columns.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PackState } from './pack-state.ts';
import { buildQuestionIndex, type QuestionIndex, toQuestion } from './questions.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { Settings } from './settings.ts';

/** The answers of the world are a few tokens long; this leaves room for a wrong one. */
const MAX_NEW_TOKENS = 24;
/** How many facts are offered for a text that asks for none. */
const NEAREST = 5;
/** Answers that a return to an earlier question or recipe finds again. */
const MAX_ANSWERS = 500;

export interface BoardStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  settings: Pick<Settings, 'highlighted' | 'shown' | 'exposure' | 'sampling' | 'textPrompt' | 'question'>;
}

interface KeptCell {
  cell: Cell;
  /** What it answers; see `toAnswerKey`. */
  answerKey: string | null;
}

export function createBoardStore({ engine, recipe, pack, settings }: BoardStoreOptions): StoreApi<BoardState> {
  const cells = new Map<RegimeKey, KeptCell>();
  const answers = new Map<string, GenerateResult>();
  let index: QuestionIndex | null = null;
  let deviceKind: DeviceKind | null = null;
  let asking = new AbortController();
  /** Counts the times that the board was asked: what an earlier turn still sends is ignored. */
  let turn = 0;
  /** The question that the cells answer. */
  let askedContext: string | null = null;

  const store = createStore<BoardState>((set, get) => ({
    highlighted: settings.highlighted,
    setHighlighted: (highlighted) => set({ highlighted }),
    shown: settings.shown,
    setShown: (key, isShown) => {
      const shown = new Set(get().shown);
      if (isShown) shown.add(key);
      else shown.delete(key);
      set({ shown: REGIME_KEYS.filter((each) => shown.has(each)) });
      askAgain();
    },
    exposure: settings.exposure,
    setExposure: (exposure) => {
      set({ exposure });
      askAgain();
    },
    sampling: settings.sampling,
    setSampling: (sampling) => {
      set({ sampling });
      askAgain();
    },
    textPrompt: settings.textPrompt,
    setTextPrompt: (textPrompt) => {
      set({ textPrompt });
      refresh();
    },
    question: { text: settings.question, fact: null, form: null, nearest: [] },
    setQuestionText: (text) => {
      set({ question: toQuestionState(text) });
      refresh();
    },
    setFact: (fact, form = 0) => {
      const { facts } = pack.getState();
      const relation = facts.status === 'ready' ? facts.relations.get(fact.relation) : undefined;
      if (relation !== undefined) get().setQuestionText(toQuestion(fact, relation, form));
    },
    columns: [],
    isAsking: false,
    ask: () => {
      const { question, shown } = get();
      if (question.text.trim() === '') return;
      begin(shown, false);
    },
    stop: () => {
      asking.abort();
      // Stop means stop: a slider that moves later asks nothing.
      askedContext = null;
      dropWaiting();
      set({ isAsking: false });
      refresh();
    },
  }));

  function toQuestionState(text: string): Question {
    if (text.trim() === '') return { text, fact: null, form: null, nearest: [] };
    const found = index?.findExact(text) ?? null;
    if (found !== null) return { text, fact: found.fact, form: found.form, nearest: [] };
    return { text, fact: null, form: null, nearest: index?.findNearest(text, NEAREST) ?? [] };
  }

  function toContext(manifest: PackManifest): ColumnContext {
    const { exposure, sampling, textPrompt, question } = store.getState();
    const { variant, recipe: wanted } = recipe.store.getState();
    return {
      recipe: wanted,
      manifest,
      exposure,
      sampling,
      textPrompt,
      fact: question.fact,
      context: toAskedContext(question, pack.getState().facts),
      deviceKind,
      prepared: engine.store.getState().prepared,
      variantSize: variant.status === 'ready' ? variant.size : null,
    };
  }

  function readContext(): ColumnContext | null {
    const phase = pack.getState().pack;
    return phase.status === 'ready' ? toContext(phase.manifest) : null;
  }

  function refresh(): void {
    const context = readContext();
    const { shown, columns: former } = store.getState();
    const known = new Map(former.map((column) => [column.key, column]));
    const columns = context === null ? [] : shown.map((key) => toKeptColumn(known.get(key), toShown(key, context)));
    const isSame = columns.length === former.length && columns.every((column, i) => column === former[i]);
    if (!isSame) store.setState({ columns });
  }

  /** A column with its cell: a running one, the kept answer to just this, or the last one, stale. */
  function toShown(key: RegimeKey, context: ColumnContext): Column {
    const plan = toColumnPlan(key, context);
    const wanted = toAnswerKey(plan, context);
    const kept = cells.get(key) ?? { cell: { status: 'empty' }, answerKey: wanted };
    const known = wanted === null ? undefined : answers.get(wanted);
    if (kept.answerKey !== wanted && known !== undefined && !isRunning(kept.cell)) {
      return toColumn(plan, context, { status: 'done', result: known }, false);
    }
    return toColumn(plan, context, kept.cell, kept.answerKey !== wanted && isAnswer(kept.cell));
  }

  function setCell(key: RegimeKey, kept: KeptCell): void {
    cells.set(key, kept);
    refresh();
  }

  /** Cells that have not begun go back to empty; what streams ends by itself. */
  function dropWaiting(): void {
    for (const [key, { cell }] of cells) {
      if (cell.status === 'waiting' || cell.status === 'preparing') cells.delete(key);
    }
  }

  /** Asks the board's question once more where recipe, twin or device moved under it, as long as it is still in the box. */
  function askAgain(): void {
    const context = readContext();
    refresh();
    // Nobody would answer: kept answers stay, stale, instead of turning into as many errors.
    const { status } = engine.store.getState().engine;
    if (status === 'off' || status === 'failed') return;
    if (context === null || askedContext !== context.context) return;
    const stale = store.getState().shown.filter((key) => {
      const wanted = toAnswerKey(toColumnPlan(key, context), context);
      return wanted !== null && !answers.has(wanted);
    });
    if (stale.length > 0) begin(stale, true);
  }

  /** A new turn over these columns; `keepsOld` leaves old answers, stale, until the new ones stream. */
  function begin(keys: readonly RegimeKey[], keepsOld: boolean): void {
    asking.abort();
    asking = new AbortController();
    turn++;
    askedContext = readContext()?.context ?? null;
    if (!keepsOld) for (const key of keys) cells.set(key, { cell: { status: 'waiting' }, answerKey: null });
    store.setState({ isAsking: true });
    refresh();
    const own = turn;
    void askAll(keys, own, asking.signal).then(() => {
      if (own !== turn) return;
      dropWaiting();
      store.setState({ isAsking: false });
      refresh();
    });
  }

  async function askAll(keys: readonly RegimeKey[], own: number, signal: AbortSignal): Promise<void> {
    for (const key of keys) {
      await askColumn({
        engine,
        recipe,
        signal,
        readQuestion: () => readQuestion(key),
        keep: keepAnswer,
        show: (cell, answerKey) => {
          const isHidden = cell.status === 'preparing' && isAnswer(cells.get(key)?.cell);
          if (own === turn && !isHidden) setCell(key, { cell, answerKey });
        },
      });
    }
  }

  function readQuestion(key: RegimeKey): ColumnQuestion | null {
    const context = readContext();
    if (context === null) return null;
    const plan = toColumnPlan(key, context);
    const answerKey = toAnswerKey(plan, context);
    if (plan.regime === null || answerKey === null) return null;
    const request = {
      regime: plan.regime,
      context: context.context,
      answer: context.fact?.answer ?? null,
      maxNewTokens: MAX_NEW_TOKENS,
      sampling: context.sampling,
    };
    return { request, answerKey };
  }

  function keepAnswer(answerKey: string, result: GenerateResult): void {
    answers.delete(answerKey);
    answers.set(answerKey, result);
    for (const oldest of answers.keys()) {
      if (answers.size <= MAX_ANSWERS) break;
      answers.delete(oldest);
    }
  }

  pack.subscribe(({ facts, pack: phase }, previous) => {
    if (facts !== previous.facts && facts.status === 'ready') {
      index = buildQuestionIndex(facts.facts, facts.relations);
      store.setState(({ question }) => ({ question: toQuestionState(question.text) }));
    }
    if (facts !== previous.facts || phase !== previous.pack) refresh();
  });
  recipe.store.subscribe((state, previous) => {
    if (isSameRecipe(state.recipe, previous.recipe)) refresh();
    else askAgain();
  });
  engine.store.subscribe(({ engine: phase }) => {
    const isMoved = phase.status === 'ready' && deviceKind !== null && deviceKind !== phase.device.kind;
    if (phase.status === 'ready') deviceKind = phase.device.kind;
    if (isMoved) askAgain();
    else refresh();
  });
  return store;
}

function isRunning(cell: Cell): boolean {
  return cell.status === 'waiting' || cell.status === 'preparing' || cell.status === 'streaming';
}

function isAnswer(cell: Cell | undefined): boolean {
  return cell?.status === 'done' || cell?.status === 'failed';
}
