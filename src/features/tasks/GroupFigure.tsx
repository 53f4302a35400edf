import { memo, useState } from 'react';
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
import styles from './TasksPanel.module.css';
import { GROUP_COLUMNS, toGroupExport, toGroupTable } from './tables.ts';
import { GROUP_WORDS, METRIC_MEANINGS, toGroupLabel } from './task-words.ts';

interface GroupFigureProps {
  pack: string;
  entry: TaskEntry;
  results: TaskResults;
  groupBy: TaskGroup;
  onGroupBy: (groupBy: TaskGroup) => void;
}

/** The drawn metric by relation, domain, form or fold: groups down, regimes across. Nothing for a task that is of one piece. */
export const GroupFigure = memo(function GroupFigure({ pack, entry, results, groupBy, onGroupBy }: GroupFigureProps) {
  const [exposure, setExposure] = useState<MapExposure>('held-out');
  const relations = usePackStore(({ facts }) => (facts.status === 'ready' ? facts.relations : null));
  const offered = toGroups(entry);
  const nameOf = (group: string) => toGroupLabel(results.groupBy, group, relations);
  if (offered.length === 0) return null;
  const isEmpty = results.figures.every(({ group }) => group === null);
  const hasTwins = results.figures.some(({ exposure: each }) => each === 'seen');
  return (
    <ChartFigure
      title="By kind of document"
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
              onChange={setExposure}
            />
          ) : null}
        </div>
      }
      chart={
        isEmpty ? (
          <p className={styles.state}>Nothing measured yet.</p>
        ) : (
          <GroupMapChart results={results} exposure={exposure} nameOf={nameOf} />
        )
      }
      table={
        <DataTable caption="The metric by group" columns={GROUP_COLUMNS} rows={toGroupTable(results, nameOf)} isLong />
      }
      exported={toGroupExport(pack, results)}
      caption={isEmpty ? 'Groups appear as their documents are answered.' : toCaption(results, hasTwins)}
    />
  );
});

interface GroupMapChartProps {
  results: TaskResults;
  exposure: MapExposure;
  nameOf: (group: string) => string;
}

function GroupMapChart({ results, exposure, nameOf }: GroupMapChartProps) {
  const { columns, rows, least, most } = toGroupMap(results, exposure, nameOf);
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
