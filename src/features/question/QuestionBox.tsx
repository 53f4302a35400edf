import { type ReactNode, useId, useMemo } from 'react';
import type { Fact } from '../../core/eval/fact.ts';
import { chooseQuestions } from '../../state/example-facts.ts';
import { useBoardStore, useEngineStore, usePackStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import { FreeTextNote } from './FreeTextNote.tsx';
import styles from './QuestionBox.module.css';

/** The question that every regime answers; `browse` opens the list of all facts. */
export function QuestionBox({ browse }: { browse: ReactNode }) {
  const inputId = useId();
  const question = useBoardStore((state) => state.question);
  const setQuestionText = useBoardStore((state) => state.setQuestionText);
  const setFact = useBoardStore((state) => state.setFact);
  const isAsking = useBoardStore((state) => state.isAsking);
  const ask = useBoardStore((state) => state.ask);
  const stop = useBoardStore((state) => state.stop);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const facts = usePackStore((state) => state.facts);
  const examples = useMemo(
    () => (facts.status === 'ready' ? chooseQuestions(facts.facts, facts.relations) : []),
    [facts],
  );
  const canAsk = isReady && question.text.trim() !== '';

  return (
    <div className={styles.question}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (canAsk) ask();
        }}
      >
        <label className="visually-hidden" htmlFor={inputId}>
          Question to every regime
        </label>
        <span className={styles.field}>
          <Icon name="search" />
          <input
            id={inputId}
            className={styles.input}
            type="text"
            value={question.text}
            placeholder="Ask about the world the model learned"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            enterKeyHint="send"
            onChange={(event) => setQuestionText(event.target.value)}
          />
        </span>
        <StartStopButton
          isRunning={isAsking}
          startLabel="Ask all regimes"
          look="primary"
          isDisabled={!canAsk}
          onStart={ask}
          onStop={stop}
        />
      </form>
      <div className={styles.row}>
        <div className={styles.examples}>
          {examples.map(({ fact, text }) => (
            <Button
              key={fact.id}
              look="chip"
              isPressed={question.fact?.id === fact.id}
              onPress={() => {
                setFact(fact);
                if (isReady) ask();
              }}
            >
              {text}
            </Button>
          ))}
        </div>
        {browse}
      </div>
      {question.fact ? null : <FreeTextNote />}
      <div className={styles.row}>
        {question.fact ? (
          <p className={styles.fact}>
            Right answer: <b>{question.fact.answer}</b>
            <span className={styles.detail}>{toFoldText(question.fact)}</span>
          </p>
        ) : null}
        <ExposureChoice />
      </div>
    </div>
  );
}

function ExposureChoice() {
  const exposure = useBoardStore((state) => state.exposure);
  const setExposure = useBoardStore((state) => state.setExposure);
  return (
    <div className={styles.exposure}>
      <SegmentedControl
        label="Answer with repairs that"
        segments={[
          { value: 'held-out', label: 'never saw the fact' },
          { value: 'seen', label: 'were trained on it' },
        ]}
        value={exposure}
        onChange={setExposure}
      />
    </div>
  );
}

function toFoldText({ fold, dev }: Fact): string {
  switch (fold) {
    case 'A':
    case 'B':
      return dev
        ? `fold ${fold}, development: no repair was trained on it, but the step to stop at was chosen on it`
        : `fold ${fold}: one repair was trained on it, its twin never saw it`;
    case 'calibration':
      return 'calibration fold: no repair was trained on it';
    case 'control':
      return 'control: the model never saw this subject at all, so a right answer is a guess';
  }
}
