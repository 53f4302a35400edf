import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import buttonStyles from '../Button.module.css';
import styles from './ExportMenu.module.css';
import { type FigureExport, toCsv, toFileName, toJson } from './figure-export.ts';
import type { Picture } from './picture.ts';
import { saveFile, toPng } from './save-file.ts';

interface ExportMenuProps {
  title: string;
  /** A function where there is something to take away for sure. */
  figure: FigureExport | (() => FigureExport);
  /** Draws the chart, even while its table stands in its place. */
  draw: () => Picture;
  /** What the figure's caption says now. */
  readCaption: () => string;
}

const FORMATS = [
  { id: 'png', label: 'Picture', detail: 'PNG' },
  { id: 'svg', label: 'Picture, scalable', detail: 'SVG' },
  { id: 'csv', label: 'Figures for a spreadsheet', detail: 'CSV' },
  { id: 'json', label: 'Figures for a program', detail: 'JSON' },
] as const;

type Format = (typeof FORMATS)[number]['id'];

/** Takes a figure away as picture or data. */
export function ExportMenu({ title, figure, draw, readCaption }: ExportMenuProps) {
  const [problem, setProblem] = useState<string | null>(null);

  const toBlob = async (format: Format, taken: FigureExport): Promise<Blob> => {
    switch (format) {
      case 'png':
        return toPng(draw());
      case 'svg':
        return new Blob([draw().svg], { type: 'image/svg+xml' });
      case 'csv':
        return new Blob([toCsv(taken)], { type: 'text/csv' });
      case 'json':
        return new Blob([toJson(taken, title, readCaption())], { type: 'application/json' });
      default:
        return format satisfies never;
    }
  };
  const save = async (format: Format) => {
    setProblem(null);
    try {
      const taken = typeof figure === 'function' ? figure() : figure;
      saveFile(toFileName(taken, format), await toBlob(format, taken));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setProblem(`No ${format.toUpperCase()} could be made (${reason}). Try another format.`);
    }
  };

  return (
    <>
      <MenuTrigger>
        <AriaButton
          className={`${buttonStyles.button} ${styles.trigger}`}
          aria-label={`Export ${title}`}
          isDisabled={typeof figure !== 'function' && figure.rows.length === 0}
        >
          Export
        </AriaButton>
        <Popover className={styles.popover ?? ''} placement="bottom end">
          <Menu
            className={styles.menu ?? ''}
            aria-label={`Export ${title} as`}
            onAction={(key) => {
              const format = FORMATS.find(({ id }) => id === key)?.id;
              if (format !== undefined) void save(format);
            }}
          >
            {FORMATS.map(({ id, label, detail }) => (
              <MenuItem key={id} id={id} className={styles.item ?? ''} textValue={`${label}, ${detail}`}>
                {label} <span className={styles.detail}>{detail}</span>
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      {problem === null ? null : (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
