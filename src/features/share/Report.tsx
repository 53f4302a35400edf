import { useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import { VERDICT_RULES } from '../../core/eval/verdict.ts';
import {
  useBoardStore,
  useComparisonsStore,
  useFatesStore,
  usePackStore,
  useShareStore,
  useShownResults,
} from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { toSourceText } from '../../ui/captions.ts';
import { AccuracyChart } from '../../ui/charts/AccuracyChart.tsx';
import { LatencyChart } from '../../ui/charts/LatencyChart.tsx';
import { formatDate } from '../../ui/format.ts';
import styles from './Report.module.css';
import { ReportComparisons, ReportFigures, ReportTimes } from './ReportTables.tsx';
import { toMethodNotes, toVerdicts } from './report-words.ts';

/** Height of a page of Letter between the margins of the style sheet, in mm, less what rounding takes; A4 is higher. */
const PAGE_HEIGHT_MM = 262;
const SHEET_WIDTH_MM = 186;
const MM_PER_PIXEL = 25.4 / 96;
/** Smaller than this nobody reads it: then it goes on to the next page. */
const SMALLEST_ZOOM = 0.7;

/** How much of a zoom is worth another layout. */
const ZOOM_STEP = 0.005;

/** Makes the sheet as little smaller as makes what it says fit a page, and its lines longer by as much. */
function fitPage(sheet: HTMLElement): void {
  let fitting = SMALLEST_ZOOM;
  let tooLarge = 1;
  if (isFitting(sheet, tooLarge)) return;
  while (tooLarge - fitting > ZOOM_STEP) {
    const zoom = (fitting + tooLarge) / 2;
    if (isFitting(sheet, zoom)) fitting = zoom;
    else tooLarge = zoom;
  }
  setZoom(sheet, fitting);
}

function isFitting(sheet: HTMLElement, zoom: number): boolean {
  setZoom(sheet, zoom);
  const { paddingBlockStart, paddingBlockEnd } = getComputedStyle(sheet);
  const padding = Number.parseFloat(paddingBlockStart) + Number.parseFloat(paddingBlockEnd);
  return (sheet.getBoundingClientRect().height - zoom * padding) * MM_PER_PIXEL <= PAGE_HEIGHT_MM;
}

function setZoom(sheet: HTMLElement, zoom: number): void {
  sheet.style.zoom = zoom.toFixed(3);
  sheet.style.inlineSize = `${SHEET_WIDTH_MM / zoom}mm`;
}

/** One page for print: what was compared, where it was measured, figures, charts and how they were made; black on white whatever the theme. */
export function Report({ onClose }: { onClose: () => void }) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const sheetRef = useRef<HTMLElement>(null);
  const titleId = useId();
  const { results, view } = useShownResults();
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest : null));
  const shown = useBoardStore((state) => state.shown);
  const highlighted = useBoardStore((state) => state.highlighted);
  const digits = useShareStore((state) => state.digits);
  const comparisons = useComparisonsStore((state) => state[view]);
  const findings = useFatesStore((state) => (view === 'imported' ? null : state[view]));
  const verdicts = findings === null ? [] : toVerdicts(findings, shown);
  useEffect(() => {
    const dialog = dialogRef.current;
    dialog?.showModal();
    // Chromium prints a modal dialog on one page and cuts off the rest; one that is not modal goes on to the next.
    const toFlow = () => {
      dialog?.close();
      dialog?.show();
      if (sheetRef.current) fitPage(sheetRef.current);
    };
    const toModal = () => {
      dialog?.close();
      dialog?.showModal();
    };
    addEventListener('beforeprint', toFlow);
    addEventListener('afterprint', toModal);
    return () => {
      removeEventListener('beforeprint', toFlow);
      removeEventListener('afterprint', toModal);
    };
  }, []);

  const rows = results?.rows.filter(({ key }) => view === 'imported' || shown.includes(key)) ?? [];
  return createPortal(
    <dialog ref={dialogRef} className={styles.report} data-theme="light" aria-labelledby={titleId} onCancel={onClose}>
      <div className={styles.tools}>
        <Button look="primary" onPress={() => window.print()}>
          Print
        </Button>
        <Button look="quiet" icon="cross" onPress={onClose}>
          Close
        </Button>
      </div>
      <article ref={sheetRef} className={styles.sheet}>
        <header className={styles.head}>
          <p className={styles.name}>Recall Lab, {formatDate(new Date().toISOString())}</p>
          <h1 id={titleId}>Forgotten, or only displaced?</h1>
          <p className={styles.recipe}>{results?.recipeLabel ?? 'No results'}</p>
        </header>
        {results === null || pack === null ? (
          <p>Nothing was recorded or measured for this recipe.</p>
        ) : (
          <>
            <dl className={styles.facts}>
              <div className={styles.wide}>
                <dt>Results</dt>
                <dd>{toSourceText(results.source)}</dd>
              </div>
              <div>
                <dt>Model</dt>
                <dd>
                  {pack.name}: {(pack.checkpoint.parameters / 1e6).toFixed(2)} million parameters,{' '}
                  {pack.checkpoint.layers} layers, {pack.checkpoint.dtype}; pack “{pack.id}”
                </dd>
              </div>
              <div>
                <dt>Recipe</dt>
                <dd>{toRecipeLabel(results.recipe)}</dd>
              </div>
              <div>
                <dt>Fingerprint</dt>
                <dd>{view === 'live' && digits !== null ? digits : 'none: not measured here'}</dd>
              </div>
            </dl>
            <div className={styles.charts}>
              <section>
                <h2>Accuracy</h2>
                <div className={styles.chart}>
                  <AccuracyChart
                    rows={rows.map((row) => ({ key: row.key, ...row.accuracy }))}
                    highlighted={highlighted}
                  />
                </div>
              </section>
              <section>
                <h2>Latency</h2>
                <div className={styles.chart}>
                  <LatencyChart
                    rows={rows.map(({ key, latency }) => ({
                      key,
                      ttftMs: latency?.ttftMs ?? null,
                      perTokenMs: latency?.perTokenMs ?? null,
                    }))}
                    highlighted={highlighted}
                  />
                </div>
              </section>
            </div>
            <ReportFigures rows={rows} damage={results.damage} />
            {comparisons.status === 'ready' ? (
              <ReportComparisons set={comparisons.of} keys={rows.map(({ key }) => key)} />
            ) : null}
            <ReportTimes results={results} keys={rows.map(({ key }) => key)} />
            {verdicts.length === 0 ? null : (
              <section>
                <h2>Forgotten, or displaced</h2>
                {verdicts.map(({ sentence, rule }) => (
                  <p key={sentence}>
                    {sentence} <small className={styles.rule}>Rule {rule}.</small>
                  </p>
                ))}
                <div className={styles.notes}>
                  <p>The first of these rules that holds gives the sentence:</p>
                  <ol>
                    {VERDICT_RULES.map(({ kind, when }) => (
                      <li key={kind}>{when}</li>
                    ))}
                  </ol>
                </div>
              </section>
            )}
            <section className={styles.notes}>
              <h2>Method</h2>
              <ul>
                {toMethodNotes(results).map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </section>
          </>
        )}
      </article>
    </dialog>,
    document.body,
  );
}
