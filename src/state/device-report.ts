import type { WireError } from '../core/errors.ts';
import type { EnginePhase } from './engine-state.ts';
import type { PackPhase } from './pack-state.ts';
import type { DeviceReport, Estimate, Median, RegimeRow, ResultSet } from './results.ts';

/** The text behind "Copy device report": what runs where, what failed, and the live figures; nothing that was typed. */
export function toDeviceReport(engine: EnginePhase, pack: PackPhase, live: ResultSet | null): string {
  const lines = ['Recall Lab device report', '', ...toPackLines(pack), '', ...toEngineLines(engine)];
  if (live !== null) lines.push('', ...toResultLines(live));
  return `${lines.join('\n')}\n`;
}

function toPackLines(pack: PackPhase): string[] {
  switch (pack.status) {
    case 'loading':
      return ['Pack: not read yet'];
    case 'failed':
      return ['Pack: failed', ...toErrorLines(pack.error)];
    case 'ready':
      return [`Pack: ${pack.manifest.id} (${pack.manifest.checkpoint.dtype}), ${pack.totalBytes} bytes`];
    default:
      return pack satisfies never;
  }
}

function toEngineLines(engine: EnginePhase): string[] {
  switch (engine.status) {
    case 'off':
      return ['Engine: off'];
    case 'loading':
      return [`Engine: starting on ${engine.choice}, ${engine.progress.phase}`];
    case 'restarting':
      return [`Engine: restarting, attempt ${engine.attempt}`, ...toErrorLines(engine.error)];
    case 'failed':
      return ['Engine: failed', ...toErrorLines(engine.error)];
    case 'ready': {
      const badge = engine.badge === null ? [] : [`Note: ${engine.badge}`];
      return ['Engine: ready', ...badge, ...toDeviceLines(engine.device)];
    }
    default:
      return engine satisfies never;
  }
}

function toDeviceLines(device: DeviceReport): string[] {
  const { adapter, runtime } = device;
  const named = adapter && [adapter.vendor, adapter.architecture, adapter.device, adapter.description].filter(Boolean);
  return [
    `Device: ${device.kind}. ${device.reason}`,
    `Adapter: ${named ? named.join(' | ') : 'none'}${adapter?.isSoftware ? ' (software)' : ''}`,
    `Runtime: onnxruntime-web ${runtime.version} (${runtime.build})`,
    `Cross-origin isolated: ${device.crossOriginIsolated ? 'yes' : 'no'}; timer resolution: ${device.timerResolutionMs} ms`,
    `Features: ${device.features.length === 0 ? 'none' : [...device.features].sort().join(', ')}`,
    ...Object.entries(device.limits).map(([name, value]) => `Limit ${name}: ${value}`),
    `Browser: ${device.userAgent}`,
  ];
}

function toErrorLines({ code, message, details }: WireError): string[] {
  return [`Error ${code}: ${message}`, ...Object.entries(details).map(([name, value]) => `  ${name}: ${value}`)];
}

function toResultLines({ source, recipeLabel, rows }: ResultSet): string[] {
  return [
    `Live results: ${recipeLabel}, on ${source.device}, ${source.date}, 95 % intervals in brackets`,
    ...rows.map(toRowLine),
  ];
}

function toRowLine({ key, accuracy, latency }: RegimeRow): string {
  const figures = [
    toShareText('all', accuracy.all),
    toShareText('seen', accuracy.seen),
    toShareText('held-out', accuracy.heldOut),
    toShareText('control', accuracy.control),
    latency && `first token ${toText(latency.ttftMs, 1)} ms (${latency.ttftMs.n} runs)`,
    latency?.perTokenMs && `further token ${toText(latency.perTokenMs, 1)} ms`,
  ];
  return `  ${key}: ${figures.filter(Boolean).join(', ')}`;
}

function toShareText(name: string, estimate: Estimate | null): string | null {
  return estimate && `${name} ${toText(estimate, 3)} of ${estimate.n}`;
}

/** A figure with its 95 % interval; few timed runs have none. */
function toText({ value, low, high }: Pick<Median, 'value' | 'low' | 'high'>, digits: number): string {
  if (low === null || high === null) return value.toFixed(digits);
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
