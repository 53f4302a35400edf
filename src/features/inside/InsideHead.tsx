import { useMemo } from 'react';
import { chooseQuestions } from '../../state/example-facts.ts';
import {
  useBoardStore,
  useEngineStore,
  useInsideForm,
  useInsidePatchStore,
  useInsideStore,
  usePackStore,
} from '../../state/hooks.ts';
import type { InsideView, InsideWait } from '../../state/inside-state.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './InsidePanel.module.css';
import { VIEW_WORDS } from './view-words.ts';

/** What the open view shows, of which question, and what it waits for. */
export function InsideHead() {
  const view = useInsideForm((state) => state.choice.view);
  const { meaning, isOfQuestion } = VIEW_WORDS[view];
  return (
    <>
      <p className={styles.meaning}>{meaning}</p>
      {isOfQuestion ? <LookedQuestion /> : null}
      <EngineNote />
      <OtherChoiceNote />
      {isOfQuestion ? <WaitNote /> : null}
    </>
  );
}

/** The board's question and its right answer; without one, a way to a question. */
function LookedQuestion() {
  const question = useInsideStore((state) => state.question);
  if (question === null) return <AskFirst />;
  return (
    <dl className={styles.question}>
      <dt>Question</dt>
      <dd>{question.text}</dd>
      <dt>Right answer</dt>
      <dd>{question.answer ?? 'not known: this is not a question of the world the model learned'}</dd>
    </dl>
  );
}

const NUM_EXAMPLES = 2;

function AskFirst() {
  const setFact = useBoardStore((state) => state.setFact);
  const facts = usePackStore((state) => state.facts);
  const examples = useMemo(
    () => (facts.status === 'ready' ? chooseQuestions(facts.facts, facts.relations, NUM_EXAMPLES) : []),
    [facts],
  );
  return (
    <Notice
      tone="plain"
      actions={examples.map(({ fact, text }) => (
        <Button key={fact.id} look="chip" onPress={() => setFact(fact)}>
          {text}
        </Button>
      ))}
    >
      <p>No question to look at yet. Ask one in the box at the top of the page, or take one of these.</p>
    </Notice>
  );
}

/** Where the model does not run: how to start it. Nothing inside was recorded. */
function EngineNote() {
  const status = useEngineStore((state) => state.engine.status);
  const runLive = useEngineStore((state) => state.runLive);
  const isPackReady = usePackStore((state) => state.pack.status === 'ready');
  if (status === 'ready') return null;
  if (status === 'loading' || status === 'restarting') {
    return (
      <Notice tone="plain">
        <p>The model is being loaded; its progress stands at the top of the page.</p>
      </Notice>
    );
  }
  return (
    <Notice
      tone="plain"
      actions={
        <Button look="primary" icon="play" isDisabled={!isPackReady} onPress={() => runLive('auto')}>
          Run live on your GPU
        </Button>
      }
    >
      <p>
        {status === 'failed' ? 'The model could not be started; the reason stands at the top of the page. ' : ''}
        What goes on inside is looked into live, on your device: run the model first.
      </p>
    </Notice>
  );
}

/** The regimes that each view shows, by their name in what was chosen. */
const SHOWN: Readonly<Record<InsideView, readonly ('left' | 'right' | 'donor' | 'receiver' | 'matrixOf')[]>> = {
  attention: ['left', 'right'],
  distance: [],
  lens: [],
  routing: [],
  weights: ['matrixOf'],
  patching: ['donor', 'receiver'],
};

/** A link or an earlier recipe may ask for a regime that this one does not offer. */
function OtherChoiceNote() {
  const choice = useInsideForm((state) => state.choice);
  const wanted = useInsideForm((state) => state.wanted);
  const others = SHOWN[choice.view].filter((name) => choice[name] !== wanted[name]);
  if (others.length === 0) return null;
  const texts = others.map(
    (name) => `${toRegimeLook(choice[name]).label} in place of ${toRegimeLook(wanted[name]).label}`,
  );
  return (
    <p className={styles.wait}>This recipe does not offer all that was chosen; shown is {texts.join(', and ')}.</p>
  );
}

const WAITS: Readonly<Record<InsideWait, string | null>> = {
  question: null,
  model: null,
  variant: 'The recipe is being built; the question is looked into once it stands.',
  run: 'Another run has the engine; the question is looked into once it ends.',
};

/** Patching waits for nothing: a run that is begun takes the engine. */
const PATCHING_WAITS: typeof WAITS = {
  ...WAITS,
  variant: 'The recipe is being built; patching begins once it stands.',
  run: 'Another run has the engine; patching ends it.',
};

function WaitNote() {
  const waitsFor = useInsideStore((state) => state.waitsFor);
  const view = useInsideForm((state) => state.choice.view);
  // What has the engine may be the patching itself.
  const isPatching = useInsidePatchStore(({ patch }) => patch.status === 'running');
  const words = view === 'patching' ? PATCHING_WAITS : WAITS;
  const text = waitsFor === null || (view === 'patching' && isPatching) ? null : words[waitsFor];
  return (
    <p className={text === null ? 'visually-hidden' : styles.wait} role="status">
      {text}
    </p>
  );
}
