import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { DEVICE, makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { DevicePanel } from './DevicePanel.tsx';
import { toDeviceName } from './device-name.ts';
import { toProgressText } from './progress.ts';

describe('the device panel', () => {
  it('says the size before anything large is loaded', () => {
    renderWithStores(<DevicePanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(document.body.textContent?.replaceAll('\u00a0', ' ')).toContain(
      '2.10 MB, and its repairs as they are used, 9.80 MB in all',
    );
  });

  it('starts on the device the page thinks best', () => {
    const runLive = vi.fn();
    renderWithStores(<DevicePanel />, makeStores({ engine: { engine: { status: 'off' }, runLive } }));
    fireEvent.click(screen.getByRole('button', { name: 'Run live on your GPU' }));
    expect(runLive).toHaveBeenCalledWith('auto');
  });

  it('can be stopped while it loads', () => {
    const stopLoading = vi.fn();
    const progress = { phase: 'downloading' as const, loadedBytes: 31, totalBytes: 100, label: '' };
    renderWithStores(
      <DevicePanel />,
      makeStores({ engine: { engine: { status: 'loading', choice: 'auto', progress }, stopLoading } }),
    );
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('31');
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stopLoading).toHaveBeenCalledOnce();
  });

  it('offers the CPU when the start failed', () => {
    const runLive = vi.fn();
    const error = { code: 'no-webgpu' as const, message: 'No adapter.', details: { adapter: null } };
    renderWithStores(<DevicePanel />, makeStores({ engine: { engine: { status: 'failed', error }, runLive } }));
    fireEvent.click(screen.getByRole('button', { name: 'Run on the CPU (wasm)' }));
    expect(runLive).toHaveBeenCalledWith('wasm');
  });

  it('shows why the CPU was chosen and lets a person override it', () => {
    const runLive = vi.fn();
    const device = { ...DEVICE, kind: 'wasm' as const };
    renderWithStores(
      <DevicePanel />,
      makeStores({
        engine: { engine: { status: 'ready', device, badge: 'Software adapter.', sizeBytes: 1 }, runLive },
      }),
    );
    expect(screen.getByText('Software adapter.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Run on WebGPU anyway' }));
    expect(runLive).toHaveBeenCalledWith('webgpu');
  });

  it('says nothing where the model runs on the GPU as it should', () => {
    renderWithStores(<DevicePanel />);
    expect(screen.queryByRole('note')).toBeNull();
  });

  it('says why the CPU runs the model even when nothing failed', () => {
    const device = { ...DEVICE, kind: 'wasm' as const, adapter: null, reason: 'This browser has no WebGPU.' };
    renderWithStores(
      <DevicePanel />,
      makeStores({ engine: { engine: { status: 'ready', device, badge: null, sizeBytes: 1 } } }),
    );
    expect(screen.getByText('This browser has no WebGPU.')).toBeDefined();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('reads the pack again when its manifest could not be read', () => {
    const loadPack = vi.fn(async () => undefined);
    const error = { code: 'download-failed' as const, message: '404.', details: {} };
    renderWithStores(<DevicePanel />, makeStores({ pack: { pack: { status: 'failed', error }, loadPack } }));
    fireEvent.click(screen.getByRole('button', { name: 'Read the pack again' }));
    expect(loadPack).toHaveBeenCalledOnce();
  });
});

describe('progress in words', () => {
  it('gives bytes and percent while bytes are known, and claims no share otherwise', () => {
    const text = toProgressText({ phase: 'downloading', loadedBytes: 3_100_000, totalBytes: 9_800_000, label: '' });
    expect(text.detail?.replaceAll('\u00a0', ' ')).toBe('3.10 MB of 9.80 MB, 31 %');
    expect(toProgressText({ phase: 'compiling', loadedBytes: 0, totalBytes: 0, label: '' })).toEqual({
      label: 'Compiling shaders',
      detail: null,
      share: null,
    });
  });
});

describe('the name of a device', () => {
  it('marks software adapters and the CPU', () => {
    expect(toDeviceName(DEVICE)).toBe('WebGPU · nvidia ada');
    const adapter = { vendor: '', architecture: '', device: '', description: '', isSoftware: true };
    expect(toDeviceName({ ...DEVICE, adapter })).toBe('WebGPU · unnamed adapter (software)');
    expect(toDeviceName({ ...DEVICE, kind: 'wasm' })).toBe('CPU (wasm)');
  });
});
