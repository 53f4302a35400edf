import type { WireError } from '../core/errors.ts';
import type { ExportFormat, ExportSizes } from '../core/export/folder.ts';

export type ExportPhase =
  | { status: 'idle' }
  | { status: 'writing'; format: ExportFormat; share: number | null; file: string }
  | { status: 'failed'; error: WireError };

export interface ExportState {
  /** Of the variant that runs; null until they are known. */
  sizes: ExportSizes | null;
  phase: ExportPhase;
  /** Asks for the sizes of the variant that runs. */
  measure(): void;
  /** The folder as a .zip; null where it failed, as `phase` then says, or was stopped. */
  write(format: ExportFormat): Promise<{ name: string; zip: Blob } | null>;
  stop(): void;
}
