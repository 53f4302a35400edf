import { useEngineStore, usePackStore } from '../../state/hooks.ts';
import type { DeviceReport, LoadProgress } from '../../state/results.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import { CopyReport } from './CopyReport.tsx';
import styles from './DevicePanel.module.css';
import { toProgressText } from './progress.ts';

/** How the model gets onto the visitor's device: one button, then progress, then what runs; errors with a way on. */
export function DevicePanel() {
  const engine = useEngineStore((state) => state.engine);
  const runLive = useEngineStore((state) => state.runLive);
  const stopLoading = useEngineStore((state) => state.stopLoading);
  const pack = usePackStore((state) => state.pack);
  const loadPack = usePackStore((state) => state.loadPack);

  if (pack.status === 'failed') {
    return (
      <ErrorNotice
        error={pack.error}
        actions={
          <>
            <Button onPress={() => void loadPack()}>Read the pack again</Button>
            <CopyReport />
          </>
        }
      />
    );
  }
  switch (engine.status) {
    case 'off':
      return (
        <div className={styles.offer}>
          <Button look="primary" icon="play" isDisabled={pack.status !== 'ready'} onPress={() => runLive('auto')}>
            Run live on your GPU
          </Button>
          <p className={styles.note}>
            {pack.status === 'ready' ? (
              <>
                {pack.manifest.name}, {formatCount(pack.manifest.checkpoint.parameters)} parameters:{' '}
                {formatBytes(pack.modelBytes)}, and its repairs as they are used, {formatBytes(pack.totalBytes)} in all;
                plus the ONNX runtime, 14 to 27{'\u00a0'}MB before transfer compression. Nothing leaves this page.
              </>
            ) : (
              'Reading what the pack holds.'
            )}
          </p>
        </div>
      );
    case 'loading':
      return <Loading progress={engine.progress} onStop={stopLoading} />;
    case 'restarting':
      return (
        <Notice tone="warning" actions={<StopButton onPress={stopLoading} />}>
          <p>
            {engine.error.message} Starting again, attempt {engine.attempt}. Finished results and what you typed are
            kept.
          </p>
          {engine.progress ? <Meter progress={engine.progress} /> : null}
        </Notice>
      );
    case 'failed':
      return (
        <ErrorNotice
          error={engine.error}
          actions={
            <>
              <Button onPress={() => runLive('auto')}>Try again</Button>
              <Button onPress={() => runLive('wasm')}>Run on the CPU (wasm)</Button>
              <CopyReport />
            </>
          }
        />
      );
    case 'ready':
      return <DeviceNote device={engine.device} badge={engine.badge} onOverride={() => runLive('webgpu')} />;
    default:
      engine satisfies never;
      return null;
  }
}

interface DeviceNoteProps {
  device: DeviceReport;
  badge: string | null;
  onOverride: () => void;
}

/** Why the model does not run on a GPU of this machine; nothing where it does as it should. */
function DeviceNote({ device, badge, onOverride }: DeviceNoteProps) {
  const text = badge ?? (device.kind === 'wasm' ? device.reason : null);
  if (text === null) return null;
  return (
    <Notice tone={badge === null ? 'plain' : 'warning'}>
      <div className={styles.device}>
        <p>{text}</p>
        {device.kind === 'wasm' && device.adapter !== null ? (
          <Button onPress={onOverride}>Run on WebGPU anyway</Button>
        ) : null}
      </div>
    </Notice>
  );
}

function Loading({ progress, onStop }: { progress: LoadProgress; onStop: () => void }) {
  return (
    <div className={styles.loading}>
      <Meter progress={progress} />
      <StopButton onPress={onStop} />
    </div>
  );
}

function Meter({ progress }: { progress: LoadProgress }) {
  const text = toProgressText(progress);
  return (
    <ProgressMeter label={text.label} share={text.share} {...(text.detail === null ? {} : { detail: text.detail })} />
  );
}
