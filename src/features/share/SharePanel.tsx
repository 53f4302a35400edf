import { useRef, useState } from 'react';
import { toWireError, type WireError } from '../../core/errors.ts';
import {
  useEvaluateStore,
  usePackStore,
  useSettingsStore,
  useShareStore,
  useTaskStore,
  useViewStore,
} from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { saveFile } from '../../ui/charts/save-file.ts';
import { FileDrop } from '../../ui/FileDrop.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import { drawCharts, type PictureFormat } from './all-charts.ts';
import { toCsvFiles } from './csv-files.ts';
import { HarnessFile } from './HarnessFile.tsx';
import { ImportedList } from './ImportedList.tsx';
import { Report } from './Report.tsx';
import styles from './SharePanel.module.css';
import { type LoadTables, useAllTables } from './use-all-tables.ts';

export interface SharePanelProps {
  /** Of figures that other parts of the page draw and this one does not know. */
  loadFurtherTables?: LoadTables;
}

/** Everything that leaves the page, and the runs that are brought back to it. */
export function SharePanel({ loadFurtherTables }: SharePanelProps) {
  return (
    <Panel title="Take it with you">
      <div className={styles.columns}>
        <FilesPart loadFurtherTables={loadFurtherTables} />
        <LinkPart />
        <ImportPart />
      </div>
    </Panel>
  );
}

function FilesPart({ loadFurtherTables }: { loadFurtherTables: LoadTables | undefined }) {
  const toTables = useAllTables(loadFurtherTables);
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  const digits = useShareStore((state) => state.digits);
  const phase = useShareStore((state) => state.phase);
  const writeRun = useShareStore((state) => state.writeRun);
  const writeHarness = useShareStore((state) => state.writeHarness);
  const writeZip = useShareStore((state) => state.writeZip);
  const [isMaking, setIsMaking] = useState(false);
  const [problem, setProblem] = useState<WireError | null>(null);
  const isBusy = phase.status === 'writing' || phase.status === 'asking' || isMaking;
  const hasTasks = useTaskStore((state) => state.live !== null);
  const isMeasured = digits !== null;
  const hasFacts = useEvaluateStore((state) => state.live !== null);
  // The dense model alone belongs to every recipe.
  const hasTaskRun = useTaskStore(({ live }) => live?.rows.some(({ key }) => key !== 'dense') === true);
  const hasRun = hasFacts || hasTaskRun;

  const save = async (made: Promise<{ name: string; blob: Blob } | null>) => {
    const file = await made;
    if (file !== null) saveFile(file.name, file.blob);
  };
  const making = async (make: () => Promise<void>) => {
    setIsMaking(true);
    setProblem(null);
    try {
      await make();
    } catch (error) {
      setProblem(toWireError(error));
    } finally {
      setIsMaking(false);
    }
  };
  const saveTables = () =>
    making(async () => {
      const tables = await toTables?.();
      if (tables) await save(writeZip(`${pack}_tables.zip`, toCsvFiles(tables)));
    });
  const saveCharts = (format: PictureFormat) =>
    making(async () => save(writeZip(`${pack}_charts_${format}.zip`, await drawCharts(format))));
  const why = isMeasured || hasTasks ? null : 'share-unmeasured';
  return (
    <section className={styles.part} aria-labelledby="share-files">
      <h3 id="share-files" className={styles.title}>
        Files
      </h3>
      <ul className={styles.list}>
        <li>
          <Button isDisabled={isBusy || toTables === null} onPress={() => void saveTables()}>
            All tables, CSV
          </Button>
          <span>
            every figure and every fact, what was looked at inside too; recorded, measured here and imported, told apart
            in each row
          </span>
        </li>
        <li>
          <Button isDisabled={isBusy} onPress={() => void saveCharts('png')}>
            Charts, PNG
          </Button>
          <Button isDisabled={isBusy} onPress={() => void saveCharts('svg')} label="Charts, SVG">
            SVG
          </Button>
          <span>as they stand on the page now</span>
        </li>
        <HarnessFile isBusy={isBusy} why={why} onSave={() => void save(writeHarness())} />
        <li>
          <Button
            isDisabled={isBusy || !hasRun}
            describedBy={hasRun ? 'share-run' : 'share-unmeasured'}
            onPress={() => void save(writeRun())}
          >
            This run, JSON
          </Button>
          <span id="share-run">to be brought back here or elsewhere</span>
        </li>
      </ul>
      {isMeasured && hasRun ? null : (
        <p id="share-unmeasured" className={styles.note}>
          {isMeasured
            ? 'The run is of the questions about facts and of tasks: none was asked here with this recipe yet.'
            : 'Results, samples and the run are of what was measured here with this recipe: nothing yet.'}
        </p>
      )}
      {phase.status === 'failed' ? <ErrorNotice error={phase.error} /> : null}
      {problem === null ? null : <ErrorNotice error={problem} />}
      <span className="visually-hidden" role="status">
        {isBusy ? 'Writing the file' : ''}
      </span>
    </section>
  );
}

function LinkPart() {
  const toLink = useSettingsStore((state) => state.toLink);
  const digits = useShareStore((state) => state.digits);
  const [isReport, setIsReport] = useState(false);
  return (
    <section className={styles.part} aria-labelledby="share-link">
      <h3 id="share-link" className={styles.title}>
        Report and link
      </h3>
      <ul className={styles.list}>
        <li>
          <Button onPress={() => setIsReport(true)}>Report for print</Button>
          <span>one page: device, recipe, tables, charts, method</span>
        </li>
        <li>
          <CopyButton label="Copy link" text={toLink} />
          <span>pack, recipe, regimes, task, seed and view</span>
        </li>
      </ul>
      <p className={styles.note}>
        {digits === null
          ? 'Once something is measured here, the link also tells which questions were right, and which documents of the chosen task, so that its reader sees whether their own run is the same.'
          : 'The link also tells which questions were right, and which documents of the chosen task, so that its reader sees whether their own run is the same. Fingerprint: '}
        {digits === null ? null : <code>{digits}</code>}
      </p>
      {isReport ? <Report onClose={() => setIsReport(false)} /> : null}
    </section>
  );
}

function ImportPart() {
  const phase = useShareStore((state) => state.phase);
  const importFiles = useShareStore((state) => state.importFiles);
  const problems = useShareStore((state) => state.problems);
  const forgetProblems = useShareStore((state) => state.forgetProblems);
  const showImported = useViewStore((state) => state.showImported);
  const stopReading = useShareStore((state) => state.stopReading);
  const titleRef = useRef<HTMLHeadingElement>(null);
  const isReading = phase.status === 'reading';
  const told = [...new Map(problems.map((error) => [error.message, error])).values()];
  const bring = async (files: Parameters<typeof importFiles>[0]) => {
    const id = await importFiles(files);
    if (id !== null) showImported(id);
  };
  const stop = () => {
    stopReading();
    // The button goes; whoever works by keyboard stays where they were.
    titleRef.current?.focus();
  };
  return (
    <section className={styles.part} aria-labelledby="share-import">
      <h3 id="share-import" ref={titleRef} tabIndex={-1} className={styles.title}>
        Bring a run
      </h3>
      <FileDrop
        id="drop-run"
        label="Drop a run of this page, results with their samples, or a .zip of them."
        action="Choose files"
        accept={['.json', '.jsonl', '.zip']}
        isDisabled={isReading}
        onFiles={(files) => void bring(files)}
      />
      <textarea
        className={styles.paste}
        rows={1}
        aria-label="Paste the text of a run"
        placeholder="Or paste the text of a run here"
        value=""
        onChange={() => undefined}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text/plain');
          const bytes = new TextEncoder().encode(text);
          // A long text is read, not shown: a box of megabytes would hold up the page.
          event.preventDefault();
          if (text !== '') void bring([{ path: 'pasted text', sizeBytes: bytes.length, read: async () => bytes }]);
        }}
      />
      <div className={isReading ? styles.reading : 'visually-hidden'}>
        <span className={styles.note} role="status">
          {isReading ? 'Reading the files.' : ''}
        </span>
        {isReading ? <StopButton onPress={stop} /> : null}
      </div>
      {told.map((error, i) => (
        <ErrorNotice
          key={error.message}
          error={error}
          actions={i === told.length - 1 ? <Button onPress={forgetProblems}>Dismiss</Button> : null}
        />
      ))}
      <ImportedList />
    </section>
  );
}
