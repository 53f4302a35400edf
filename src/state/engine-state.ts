import type { WireError } from '../core/errors.ts';
import type { DeviceChoice, DeviceReport, LoadProgress, PreparedRegime } from '../engine/protocol.ts';

/** The engine's life. */
export type EnginePhase =
  /** Only recorded results are on the page. */
  | { status: 'off' }
  | { status: 'loading'; progress: LoadProgress; choice: DeviceChoice }
  /** `badge` stands on every live figure: why this device, where it is not the one asked for. */
  | { status: 'ready'; device: DeviceReport; badge: string | null; sizeBytes: number }
  /** The device or worker was lost and is being replaced. */
  | { status: 'restarting'; attempt: number; error: WireError; progress: LoadProgress | null }
  | { status: 'failed'; error: WireError };

export interface EngineState {
  engine: EnginePhase;
  /** Regimes that answer on this device, by id: their sizes and golden gates. */
  prepared: ReadonlyMap<string, PreparedRegime>;
  /** First start, retry, and the one-click override of the device. */
  runLive(choice: DeviceChoice): void;
  /** Ends a start; what was loaded is dropped and the engine is off. */
  stopLoading(): void;
}
