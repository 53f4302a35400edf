import { memo } from 'react';
import { usePackStore } from '../../state/hooks.ts';
import { TASK_GROUPS, type TaskEntry, type TaskGroup, type TaskResults } from '../../state/task-state.ts';
import { toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { type MapExposure, toGroupMap } from './group-map.ts';
import { toComparedMeasure } from './measures.ts';
import { type PairedFigureProps, toWhose, toWhoseExport } from './paired-figure.ts';
import styles from './TasksPanel.module.css';
import { GROUP_COLUMNS, toGroupExport, toGroupTable } from './tables.ts';
import { GROUP_WORDS, METRIC_MEANINGS, toGroupLabel } from './task-words.ts';

interface GroupFigureProps extends Omit<PairedFigureProps, 'highlighted'> {
  entry: TaskEntry;
  groupBy: TaskGroup;
  onGroupBy: (groupBy: TaskGroup) => void;
  /** Facts that repairs are shown on. */
  exposure: MapExposure;
  onExposure: (exposure: MapExposure) => void;
}

/** The drawn metric by relation, domain, form or fold: groups down, regimes across. Nothing for a task that is of one piece. */
export const GroupFigure = memo(function GroupFigure(props: GroupFigureProps) {
  const { pack, entry, results, beside, groupBy, onGroupBy, exposure, onExposure } = props;
  const whose = toWhose(props);
  const relations = usePackStore(({ facts }) => (facts.status === 'ready' ? facts.relations : null));
  const offered = toGroups(entry);
  const nameOf = (group: string) => toGroupLabel(results.groupBy, group, relations);
  if (offered.length === 0) return null;
  const isEmpty = results.figures.every(({ group }) => group === null);
  const sets = beside === null ? [results] : [results, beside];
  const hasTwins = sets.some(({ figures }) => figures.some(({ exposure: each }) => each === 'seen'));
  return (
    <ChartFigure
      title={`By kind of document${whose}`}
      badge={<SourceBadge source={results.source} />}
      controls={
        <div className={styles.buttons}>
          <SegmentedControl<TaskGroup>
            label="Grouped by"
            isLabelHidden
            segments={offered.map((value) => ({ value, label: GROUP_WORDS[value] }))}
            value={groupBy}
            onChange={onGroupBy}
          />
          {hasTwins ? (
            <SegmentedControl<MapExposure>
              label="Facts that repairs are shown on"
              isLabelHidden
              segments={[
                { value: 'held-out', label: 'held-out' },
                { value: 'seen', label: 'seen' },
              ]}
              value={exposure}
              onChange={onExposure}
            />
          ) : null}
        </div>
      }
      chart={
        isEmpty ? (
          <p className={styles.state}>Nothing measured yet.</p>
        ) : (
          <GroupMapChart results={results} beside={beside} exposure={exposure} nameOf={nameOf} />
        )
      }
      table={
        <DataTable
          caption={`The metric by group${whose}`}
          columns={GROUP_COLUMNS}
          rows={toGroupTable(results, nameOf)}
          isLong
        />
      }
      exported={toWhoseExport(toGroupExport(pack, results), props)}
      caption={isEmpty ? 'Groups appear as their documents are answered.' : toCaption(results, hasTwins)}
    />
  );
});

interface GroupMapChartProps {
  results: TaskResults;
  beside: TaskResults | null;
  exposure: MapExposure;
  nameOf: (group: string) => string;
}

function GroupMapChart({ results, beside, exposure, nameOf }: GroupMapChartProps) {
  const { columns, rows, least, most } = toGroupMap(results, exposure, nameOf, beside);
  return (
    <div className={styles.map}>
      <HeatMap
        caption={`${results.metric} by ${results.groupBy}: groups down, regimes across`}
        columns={columns}
        rows={rows}
        legend={{ title: results.metric, least, most }}
      />
    </div>
  );
}

function toCaption(results: TaskResults, hasTwins: boolean) {
  const { recipeLabel, metric, figures, source } = results;
  const estimates = figures.flatMap(({ group, estimate }) => (group === null ? [] : [estimate]));
  return (
    <>
      {recipeLabel}. {metric}: {METRIC_MEANINGS[metric]}; the stronger the shade, the worse.{' '}
      {hasTwins ? 'Repairs on facts of the kind chosen above, the others on all. ' : ''}Each cell’s readout and the
      table have its {toIntervalText(estimates)}; small groups have wide ones. {toTestText(results)}
      {toSourceText(source)}
    </>
  );
}

function toTestText({ metric, figures }: TaskResults): string {
  if (figures.every(({ againstNone }) => againstNone === undefined)) {
    return 'Cells are compared with no repair once the run has ended. ';
  }
  const { meaning, test } = toComparedMeasure(metric);
  return `Each is compared with no repair on the same documents: ${meaning}, p by ${test}; exploratory, unadjusted, so many cells that some look clear by chance. `;
}

/** What the documents differ in. */
function toGroups({ task }: TaskEntry): readonly TaskGroup[] {
  return TASK_GROUPS.filter((name) => new Set(task.documents.map((document) => document[name])).size > 1);
}
