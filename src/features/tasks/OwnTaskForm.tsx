import { useId, useState } from 'react';
import { useTaskForm } from '../../state/hooks.ts';
import type { DraftPhase } from '../../state/task-state.ts';
import { Button } from '../../ui/Button.tsx';
import { FileDrop } from '../../ui/FileDrop.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { TaskPreview } from './TaskPreview.tsx';
import styles from './TasksPanel.module.css';
import { toDocumentsText, toKindText } from './task-words.ts';

/** A task of a person's own: dropped, chosen or pasted, seen as the model will read it, and only then taken in. */
export function OwnTaskForm() {
  const draft = useTaskForm((state) => state.draft);
  const readFiles = useTaskForm((state) => state.readFiles);
  return (
    <Panel title="A task of your own">
      <FileDrop
        id="drop-task"
        label="Drop a .jsonl file here, one document a line, with a task file (.json) of lm-evaluation-harness or without. Nothing leaves this browser."
        action="Choose files"
        accept={['.jsonl', '.ndjson', '.json']}
        onFiles={readFiles}
      />
      <PasteField
        onText={(text) => {
          const bytes = new TextEncoder().encode(text);
          readFiles([{ path: 'pasted lines.jsonl', sizeBytes: bytes.length, read: async () => bytes }]);
        }}
      />
      <Draft draft={draft} />
    </Panel>
  );
}

function PasteField({ onText }: { onText: (text: string) => void }) {
  const id = useId();
  const [text, setText] = useState('');
  return (
    <details className={styles.paste}>
      <summary>Paste documents instead</summary>
      <div className={styles.pasteForm}>
        <label htmlFor={id}>One JSON object a line</label>
        <textarea
          id={id}
          className={styles.lines}
          rows={5}
          spellCheck={false}
          value={text}
          placeholder={'{"question":"What is the capital of France?","choices":["Paris","Rome"],"label":0}'}
          onChange={(event) => setText(event.target.value)}
        />
        <Button isDisabled={text.trim() === ''} onPress={() => onText(text)}>
          Read these lines
        </Button>
      </div>
    </details>
  );
}

function Draft({ draft }: { draft: DraftPhase }) {
  const keepDraft = useTaskForm((state) => state.keepDraft);
  const dropDraft = useTaskForm((state) => state.dropDraft);
  switch (draft.status) {
    case 'none':
      return null;
    case 'reading':
      return (
        <p className={styles.state} role="status">
          Reading {draft.name || 'what was dropped'}.
        </p>
      );
    case 'failed':
      return <ErrorNotice error={draft.error} actions={<Button onPress={dropDraft}>Dismiss</Button>} />;
    case 'ready': {
      const { task } = draft.entry;
      return (
        <section className={styles.draft} aria-label="The task as it was read">
          <p role="status">
            <b>{task.config.task}</b>, {toDocumentsText(task)}, out of {draft.name}. {toKindText(task)}
          </p>
          <TaskPreview task={task} />
          <div className={styles.buttons}>
            <Button look="primary" onPress={keepDraft}>
              Add this task
            </Button>
            <Button onPress={dropDraft}>Discard</Button>
          </div>
        </section>
      );
    }
    default:
      return draft satisfies never;
  }
}
