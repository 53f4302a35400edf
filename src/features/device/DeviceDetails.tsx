import { useEngineStore } from '../../state/hooks.ts';
import type { DeviceReport } from '../../state/results.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatMs } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { CopyReport } from './CopyReport.tsx';
import styles from './DeviceDetails.module.css';
import { toDeviceName } from './device-name.ts';

/** What runs the model and why, with the other choices; nothing while no engine runs. */
export function DeviceDetails() {
  const engine = useEngineStore((state) => state.engine);
  const runLive = useEngineStore((state) => state.runLive);
  const stopLoading = useEngineStore((state) => state.stopLoading);
  if (engine.status !== 'ready') return null;
  const { device } = engine;
  return (
    <Panel title="Device" aside={<CopyReport />}>
      <dl className={styles.facts}>
        {toFacts(device).map((fact) => (
          <div key={fact.name}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.actions}>
        {device.kind === 'webgpu' ? (
          <Button onPress={() => runLive('wasm')}>Run on the CPU (wasm)</Button>
        ) : (
          <Button isDisabled={device.adapter === null} onPress={() => runLive('webgpu')}>
            Run on WebGPU
          </Button>
        )}
        <Button onPress={stopLoading}>Unload the model</Button>
        <span className={styles.note}>
          {device.adapter === null ? 'This browser offers no WebGPU adapter. ' : ''}
          {formatBytes(engine.sizeBytes)} loaded. Finished results are kept either way.
        </span>
      </div>
    </Panel>
  );
}

function toFacts(device: DeviceReport): readonly { name: string; value: string }[] {
  const { adapter } = device;
  const adapterName = adapter
    ? [adapter.vendor, adapter.architecture, adapter.device, adapter.description].filter(Boolean).join(' ')
    : 'none';
  return [
    { name: 'Runs on', value: toDeviceName(device) },
    { name: 'Because', value: device.reason },
    { name: 'Adapter', value: adapterName || 'unnamed' },
    { name: 'Runtime', value: `ONNX Runtime Web ${device.runtime.version}, ${device.runtime.build}` },
    { name: 'Timer steps', value: formatMs(device.timerResolutionMs) },
  ];
}
